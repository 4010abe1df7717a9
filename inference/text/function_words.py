"""The small words that hold sentences together, by language: the surest sign of what a text is written in.

Lower-case, not complete. A word may stand in several lists ("in", "was", "do"); ONLY_ENGLISH has those that stand in
English's alone.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENGLISH = _words(
    "a the and is are were been being has have having does did doing done of to with that which this these those it "
    "its it's isn't aren't wasn't don't doesn't didn't can't cannot won't his their they them there from by but not "
    "if how what when where who whose whom why than then into about after before between because through during "
    "both each few more most other some such only own same too very just should would could may might must shall "
    "your you our we she him her my i i'm an as or any all every will can be while until since although though "
    "however also often usually one two three four five six seven eight nine ten first second third used called "
    "known made name many much no yes up out over under above below against without within for on at was had so do"
)

OTHERS: dict[str, frozenset[str]] = {
    "de": _words(
        "was an in so am die will man war der das ein eine einen einem einer eines und ist sind wurde wurden wird "
        "werden hat haben hatte nicht kein keine mit von vom zu zum zur auf für im dem den des bei beim nach aus "
        "als auch aber oder wie durch über unter gegen ohne seit es sich er sie ich wir ihr ihre seine kann muss "
        "dass wenn ja nein sehr nur noch mehr"
    ),
    "fr": _words(
        "on or as a me le la les un une des du de et est sont était été ont ne pas plus que qui dans par pour sur "
        "avec sans au aux ce cette ces se il elle ils elles nous vous mais ou où en à très peut fait comme depuis "
        "entre leur ses sa oui non être"
    ),
    "es": _words(
        "a no me el la los las un una unos unas del de y es son fue fueron está están ha han que en por para con "
        "sin sobre se su sus al lo como más pero o muy desde entre hasta este esta estos estas cuando donde también "
        "puede sí ser"
    ),
    "it": _words(
        "a i no per me il lo la gli le un una uno del della dei delle dello degli di e è sono fu ha hanno non che "
        "in con su si al alla ai alle dal dalla nel nella sul sulla come più ma anche molto questo questa può "
        "essere stata stato sì da"
    ),
    "pt": _words(
        "a as me o os um uma uns umas do da dos das de e é são foi foram está tem não que em no na nos nas por para "
        "com sem sobre se seu sua ao à às pelo pela como mais mas ou muito desde entre até este esta também pode "
        "sim ser"
    ),
    "nl": _words(
        "was we had of over in is de het een en zijn werd werden wordt worden heeft hebben niet geen van voor op te "
        "ten ter bij naar uit als ook maar hoe door tegen zonder sinds er zich hij zij ze wij jij je hun haar kan "
        "moet dat die deze ja nee zeer nog meer dan aan"
    ),
    "sv": _words(
        "i under man men och är var har hade inte en ett den det de som på av för med till från om vid efter mot "
        "utan sedan sig han hon vi jag kan måste att när eller också mycket mer än ska blir blev ja nej"
    ),
    "da": _words(
        "i under for man men at og er var har havde ikke en et den det de som på af med til fra om ved efter mod "
        "uden siden sig han hun vi jeg kan skal når eller også meget mere end bliver blev ja nej"
    ),
    "no": _words(
        "i under for man men at og er var har hadde ikke en et den det de som på av med til fra om ved etter mot "
        "uten siden seg han hun vi jeg kan skal å når eller også mye mer enn blir ble ja nei"
    ),
    "fi": _words(
        "he me ja on oli ovat olivat ei eivät se että joka jotka hän ne kun mutta tai myös vain niin kuin ole sen "
        "sitä tämä tässä jos mukaan noin jälkeen kanssa"
    ),
    "pl": _words(
        "a by i w we z ze na nie się jest są był była było były do od po przez dla o jak ale lub oraz że który "
        "która które to ten ta te jego jej ich może tak przed przy pod niż u"
    ),
    "cs": _words(
        "to by most i a v ve z ze na ne se je jsou byl byla bylo byli do od po pro o jak ale nebo že který která "
        "které ten ta te jeho její jejich může také před při pod než u si ani"
    ),
    "hu": _words("is a az egy és nem van volt vannak hogy de vagy mint ez ezt azt csak már még meg el ki be több után"),
    "ro": _words(
        "a o și în la cu de pe din un nu este sunt fost au că care pentru mai dar sau ca se al ale lui ei prin după"
    ),
    "tr": _words(
        "her on ve bir bu da de için ile olarak olan çok daha en değil ne kadar gibi sonra önce göre ise veya ama "
        "ya var yok beri karşı evet hayır"
    ),
    "id": _words(
        "yang dan di ke dari dengan untuk pada adalah ini itu tidak dalam oleh sebagai akan telah juga atau karena "
        "bisa lebih sudah ada para tersebut"
    ),
    "vi": _words("là và của có không được trong một những các cho với này đã đến từ người ở tại khi như về vào ra"),
    "ca": _words(
        "a any el la els les un una del de i és són va no que en per amb sense sobre es al com més però o molt des"
    ),
}

ONLY_ENGLISH = ENGLISH - frozenset().union(*OTHERS.values())

NAME_PARTICLES = _words("de du des la le les el los del da das do dos di von van der den zu zur of y e i et und")
"""Small words that names are made with: a text whose only plain words they are is a list of names."""
