"""Claims whose answers are known, to try a model with before it is believed.

They are so plain that a model that fails them was asked in a way it does not know, or is no judge of this at all.
"""

DOCUMENT = "The library on Mill Street opens at nine in the morning. It lends books, maps and films."
STATED = "The library on Mill Street opens at nine in the morning."
DENIED = "The library on Mill Street does not open before noon."
UNMENTIONED = "The library on Mill Street was built by a shipping company in 1904."
