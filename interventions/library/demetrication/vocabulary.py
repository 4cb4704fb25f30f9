"""The words that make a number a metric, in English, Spanish, French, German, Portuguese and Italian.

Regular expressions, matched without regard to case. ``’`` stands for either apostrophe.
"""

from __future__ import annotations

from collections.abc import Mapping

NOUNS: Mapping[str, tuple[str, ...]] = {
    "likes": (
        "likes?", "loves?", "hearts?", "reactions?", "upvotes?", "favou?rites?",
        "me gusta", "le gusta", "les gusta", "reacci(?:ón|ones)",
        "(?:mentions? )?j’aime", "réactions?",
        "gefällt(?: mir|-mir)?(?:-angaben?| angaben?)?", "reaktion(?:en)?",
        "curtidas?", "gostos?", "rea[çc](?:ão|ões)",
        "mi piace", "reazion[ei]",
    ),
    "followers": (
        "followers?", "following", "subscribers?", "subs",
        "seguidor(?:es|as)?", "seguidos", "siguiendo", "suscriptor(?:es)?",
        "abonné(?:e|s|es)?", "abonnements?", "suivi(?:e|s|es)",
        "follower(?:innen)?", "gefolgt", "folge ich", "abonnent(?:en|innen)?",
        "seguindo", "a seguir", "inscritos",
        "seguiti", "iscritti",
    ),
    "shares": (
        "shares?", "reposts?", "retweets?", "quotes?", "quote tweets?", "bookmarks?",
        "compartid[oa]s?", "veces compartid[oa]", "retuits?", "reenvíos",
        "partages?", "retweets?", "republications?",
        "mal geteilt", "geteilt", "geteilte inhalte",
        "compartilhamentos?", "partilhas?", "republicações",
        "condivision[ei]",
    ),
    "views": (
        "views?", "plays?", "impressions?", "watching",
        "reproducciones", "reproducción", "visualizaci(?:ón|ones)", "visitas?", "vistas?",
        "vues?", "lectures?",
        "aufrufe?", "wiedergaben?", "mal angesehen",
        "visualiza[çc](?:ão|ões)",
        "visualizzazion[ei]",
    ),
    "comments": (
        "comments?", "repl(?:y|ies)",
        "comentarios?", "respuestas?",
        "commentaires?", "réponses?",
        "kommentare?", "antwort(?:en)?",
        "comentários?", "respostas?",
        "comment[oi]", "rispost[ae]",
    ),
}  # fmt: skip

SUFFIX = (
    "thousand|millions?|billions?|millones|mill[óo]n|milh(?:ão|ões)|milioni|milliers?|mille|millionen|tausend|"
    "mill|mil|mio|mln|tsd|mrd|mi|md|bn|k|m|b"
)
"""What multiplies a number: 3.4K, 12 mil, 1,2 Mio."""

LEAD_IN = (
    "view|see|show|read|load|all|more|total|another|"
    "ver|mostrar|los|las|todos|todas|voir|afficher|tous|toutes|les|alle|weitere|os|as|mais|mostra|vedi|tutti|i|a"
)
"""What may stand before the number without making it prose: "View all 12 comments"."""

AGE = r"\d+\s?(?:s|sec|m|min|h|hr|d|w|wk|mo|y|j|std|tg|sem)\b"
"""How long ago, in front of a count: "2h 12 likes"."""

TAIL = "ansehen|anzeigen|lesen|total|reply|responder|répondre|antworten|rispondi"
"""What may stand after the metric: "Alle 12 Kommentare ansehen", "12 likes Reply"."""

OTHERS = (
    "others?|more|otras? personas?|otros|personas? más|personas|autres(?: personnes)?|personnes|"
    "weitere(?: personen|n)?|"
    "anderen?|outras?(?: pessoas)?|pessoas|altr[ie](?: persone)?|people|personen|persone"
)
"""Whom a number counts in "liked by anna and 1,283 others" and "12 people like this"."""

LIKING = (
    "lik(?:e|es|ed)|love[ds]?|gusta|gustó|aim(?:e|ent|é)|gefällt|gefallen|curti(?:u|ram|do|da)?|"
    "gost(?:a|am|ou|aram)|piace"
)
"""What those people do."""

TOKENS: Mapping[str, frozenset[str]] = {
    "likes": frozenset(
        [
            "like",
            "likes",
            "liked",
            "fav",
            "favorite",
            "favourite",
            "heart",
            "hearts",
            "reaction",
            "reactions",
            "upvote",
            "upvotes",
        ]
    ),
    "followers": frozenset(["follower", "followers", "following", "subscriber", "subscribers"]),
    "shares": frozenset(["share", "shares", "retweet", "retweets", "repost", "reposts", "bookmark", "bookmarks"]),
    "views": frozenset(["views", "viewcount", "plays", "playcount", "impressions"]),
    "comments": frozenset(["comment", "comments", "reply", "replies"]),
}
"""Parts of view ids: ``like_count``, ``btnShare``. Not "view" and "play": half of all ids hold them."""

BUTTONS: Mapping[str, str] = {
    "likes": "like|unlike|love|favou?rite|upvote|me gusta|j’aime|gefällt mir|curtir|gosto|mi piace",
    "followers": "follow|followers|seguir|suivre|folgen|segui",
    "shares": "share|repost|retweet|bookmark|compartir|partager|teilen|compartilhar|partilhar|condividi",
    "views": "views?|plays?|post analytics",
    "comments": "comments?|reply|replies|comentar|comentarios?|responder|commenter|commentaires?|répondre|"
    "kommentieren|kommentare?|antworten|comentários?|commenta|rispondi",
}
"""What screen readers are told of the icons beside a bare number."""
