"""Every way a verification can fail, as one tree.

A failure is never a verdict: whatever cannot be judged raises one of these. `server/errors.py` holds the one table
that maps them to HTTP and MCP; code below the server raises them and knows nothing of either.

    TouchstoneError
    ├── BadInput                 the caller can mend it: which field, which value, what to do
    │   ├── TooLarge             over a named limit
    │   ├── ContextTooLong       more tokens than the model reads at once
    │   ├── NotFound             no file, upload or batch of this caller has that id
    │   │   └── ModelNotFound    no such model here
    │   └── WrongState           it is there, and not in a state in which that can be done
    ├── EvidenceError            evidence could not be read, so nothing can be said
    │   ├── SearchFailed         the web search refused, timed out or answered nonsense
    │   ├── CorpusEmpty          the user has added no files: nothing was asked, so nothing was answered
    │   ├── CorpusUnreadable     the user's corpus file is corrupt, locked or cannot be written
    │   └── EvidenceUnavailable  every source of evidence failed
    ├── JudgeError               the judge gave no usable answer
    │   ├── JudgeUnavailable     it is not loaded, or not reachable
    │   └── JudgeUnreadable      its answer could not be parsed
    ├── EngineError              the engine, a server of language models, gave no usable answer
    │   ├── EngineUnavailable    it is down, still starting, restarting, or too slow
    │   └── EngineUnreadable     it answered something that is no answer
    ├── StorageError             what is kept cannot be read or written
    │   ├── StoreUnavailable     the database is down, locked or full
    │   └── BlobsUnavailable     the folder or object store is unreachable, or the disk is full
    │       └── BlobMissing      it is reachable, and what should be there is not, or not whole
    ├── EncoderUnavailable       the encoder that ships is missing or damaged
    ├── Overloaded               the queue is full; worth a retry
    ├── DeadlineExceeded         the verification took longer than its limit
    └── SettingsError            a setting is wrong; the start stops
        └── PlanNotFound         the plan of a key or a batch is not in the plans file any more
"""

from enum import Enum


class TouchstoneError(Exception):
    """Base of the tree. `message` is written for the person or model that has to act on it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadInput(TouchstoneError):
    """The request cannot be answered as it stands. `param` names the field in the caller's own terms."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


class TooLarge(BadInput):
    """The input is over a named limit; the message gives the limit and the setting that moves it."""


class EvidenceError(TouchstoneError):
    """Evidence could not be read."""


class SearchFailed(EvidenceError):
    """The web search gave no answer: refused, timed out, or unreadable."""


class CorpusEmpty(EvidenceError):
    """The user's corpus holds no documents, so that it cannot be said to have been asked."""


class CorpusUnreadable(EvidenceError):
    """The user's corpus file is corrupt, locked, or on a full or read-only disk."""


class EvidenceUnavailable(EvidenceError):
    """Every source of evidence failed, so even "not enough evidence" would be a guess."""


class JudgeError(TouchstoneError):
    """The judge gave no usable answer."""


class JudgeUnavailable(JudgeError):
    """The judge is not loaded or not reachable."""


class JudgeUnreadable(JudgeError):
    """The judge answered something that is no verdict."""


class StorageError(TouchstoneError):
    """What is kept cannot be read or written. `message` is for the operator: it may name hosts and folders, which are
    nobody else's business. `told` is what callers over the network read."""

    TOLD = "what is kept cannot be read or written now; the log of the server says why"

    def __init__(self, message: str, told: str | None = None) -> None:
        super().__init__(message)
        self.told = told or self.TOLD


class StoreUnavailable(StorageError):
    """The database is down, locked or full."""

    TOLD = "the database cannot be used now; the log of the server says why"


class BlobsUnavailable(StorageError):
    """The folder or object store that holds the bytes of files is unreachable, or the disk is full."""

    TOLD = "files cannot be read or written now; the log of the server says why"


class BlobMissing(BlobsUnavailable):
    """The folder or object store can be reached, and the bytes that a record speaks of are not there, or too few."""


class EncoderUnavailable(TouchstoneError):
    """The encoder behind embeddings and the ranking of evidence cannot be loaded."""


class EngineError(TouchstoneError):
    """The engine gave no usable answer."""


class EngineUnavailable(EngineError):
    """The engine is down, still starting, restarting, or did not answer in time. Worth a retry."""


class EngineUnreadable(EngineError):
    """The engine answered something that is no answer of an OpenAI-compatible server."""


class Overloaded(TouchstoneError):
    """As many requests are running and waiting as the limits allow."""


class DeadlineExceeded(TouchstoneError):
    """The verification did not finish within its time limit."""


class ContextTooLong(BadInput):
    """The request has more tokens than the model reads at once."""


class Kind(Enum):
    """Of what can be listed."""

    BATCH = "batch"
    FILE = "file"
    KEY = "key"
    MODEL = "model"


class NotFound(BadInput):
    """No file, upload or batch of this caller has that id. Another caller's answers the same.

    `kind` is for whoever shows the message: to list those that there are is done otherwise over REST, by a model and on
    the command line (`server/where_listed.py`).
    """

    def __init__(self, message: str, param: str | None = None, kind: Kind | None = None) -> None:
        super().__init__(message, param)
        self.kind = kind


class ModelNotFound(NotFound):
    """The named model is not served here."""


class WrongState(BadInput):
    """It is there, and not in a state in which that can be done to it."""


class SettingsError(TouchstoneError):
    """A setting has a bad value; the message names key, value and what is allowed."""


class PlanNotFound(SettingsError):
    """The plan of a key, or of a batch, is not in the plans file: the file has to change, or the key."""
