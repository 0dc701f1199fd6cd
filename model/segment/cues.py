"""The phrases by which bylines, credits, navigation and the like give themselves away.

One row a cue: the reason, and a pattern that must match the whole segment from its beginning. Repetitions are bounded,
so that no segment takes more than linear time.
"""

from __future__ import annotations

_AGENCY = (
    r"(?:REUTERS|Reuters|Xinhua|AP|AFP|EPA|PTI|ANI|AAP|TASS|NOAA|Getty Images|Shutterstock|Bloomberg|Alamy"
    r"|Associated Press|Agence France-Presse|The New York Times|Anadolu|Ritzau Scanpix)"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DATE = rf"(?:{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?(?:\s\d{{4}})?|\d{{1,2}}\s{_MONTH},?\s\d{{4}}|\d{{4}}-\d\d-\d\d)"
_DAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?\s)?"
_CLOCK = r"(?:\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:\s?[AaPp]\.?[Mm]\.?)?(?:\s\(?[A-Z]{2,4}\)?)?)"
_STORY = r"(?:story|article|post|version)"
_LINKS = "coverage|stories|articles|topics|content|links|video|reading|posts|news|from|on this"

BYLINE_VERBS = r"[Rr]eporting|[Ww]riting|[Ee]diting|[Tt]ranslat(?:ion|ed)|[Cc]ompiled|[Ww]ritten|[Rr]eported|[Ee]dited"

CUES: tuple[tuple[str, str], ...] = (
    ("byline", rf"\(?(?:Additional |Further )?(?:{BYLINE_VERBS})(?: and [a-z]+)? by:? [A-ZÀ-Þ].{{0,300}}$"),
    ("caption", r"(?:FILE|HANDOUT|UNDATED) ?(?:PHOTO|PICTURE|IMAGE)? ?[:–—-]"),
    (
        "caption",
        r"(?:Undated |An? )?(?:[Pp]icture|[Pp]hoto|[Ii]mage|[Hh]andout)s? (?:was )?(?:taken|released|given)\b"
        r"(?!.{0,60}\b(?:shows?|showed|appears?|appeared|suggests?|suggested)\b).{0,60}$",
    ),
    ("caption", r"(?:Image|File|Photo|Picture|Video|Infographic|Caption|Graphic):"),
    ("credit", rf"\(?{_AGENCY} ?/ ?[^.]{{0,100}}\)?\.?$"),
    ("credit", r"\(?(?:Photos?|Photographs?|Pictures?|Images?|Video|Illustrations?) (?:by|courtesy|credit)\b.{0,100}$"),
    ("credit", r"(?:Credit ?:|Courtesy of|Courtesy [A-Z]).{0,100}$"),
    ("credit", r"(?:©|&copy;|\([Cc]\) |(?:[Cc]opyright|COPYRIGHT) [©(A-Z\d]|All rights reserved).{0,160}$"),
    ("source", r"\(?Sources?(?: ?[:|]|=).{0,200}$"),
    ("note", rf"\((?:This|The) [\w ,]{{0,40}}?{_STORY}\b.{{0,240}}\)?\.?$"),
    (
        "note",
        r"\((?:Adds|Corrects|Updates|Recasts|Refiles|Rewrites|Removes|Fixes|Repeats|Clarifies|Writes through|"
        r"For an?|See|Graphics?|Translation|Click|Note|Editor|EDITOR|Eds|EDS)\b.{0,240}\)?\.?$",
    ),
    ("note", r"(?:EDS|EDITOR['’]?S['’]? NOTE|Editor['’]s [Nn]ote) ?:"),
    ("note", r"(?:CORRECTION|Correction|Clarification|Disclaimer) ?:.{0,40}$"),
    (
        "note",
        rf"(?:This|The) {_STORY} (?:has been|was|is|originally|first) .{{0,40}}?"
        r"\b(?:updated|corrected|revised|published|appeared|clarified|refiled)\b",
    ),
    ("note", rf"(?:A|This) version of this {_STORY} (?:appear|was|has)"),
    ("contact", r"(?:E-?mail|Tel|Telephone|Phone|Fax|Contact|Twitter|Facebook|Instagram|Website) ?:.{0,160}$"),
    (
        "navigation",
        r"(?:Read|Click|See|Watch|Listen|Learn|Load|Show|View)(?: the)? (?:more|also|here|full|related|all)\b.{0,140}$",
    ),
    ("navigation", rf"Related (?:{_LINKS}|{_LINKS.title()})\b.{{0,160}}$"),
    ("navigation", rf"More (?:{_LINKS}|{_LINKS.title()})(?: (?:on|from|about|in|by|for) [^.]{{0,80}})?:?$"),
    (
        "navigation",
        r"(?:RELATED|READ MORE|MORE|SEE ALSO|ALSO READ|Also read|WATCH|LISTEN|Related|Trending|Tags?|TAGS?|"
        r"Topics|Filed under|Categories|Category|Posted in|Share(?: this)?) ?:.{0,200}$",
    ),
    (
        "navigation",
        r"(?:To|For) (?:an? |view |see |read |more |the |photo |full ){1,4}.{0,100}?"
        r"\b(?:click\b|(?:visit|go to)\b.{0,60}?(?:www\.|https?:|\w\.(?:com|org|net|gov|edu|info|co\.uk)\b"
        r"|\b(?:page|site|website|section|homepage|link)\b)).{0,100}$",
    ),
    ("navigation", r"(?:Exit|Switch to|View) (?:the )?(?:mobile|desktop|full|print) (?:version|site|mode)$"),
    (
        "navigation",
        r"(?:Skip|Jump|Back|Return|Scroll) to (?:main|the|top|content|home|navigation|page|search)\b.{0,30}$",
    ),
    (
        "navigation",
        r"(?:Sign up|Subscribe|Follow us|Share this|Leave a (?:comment|reply)|Post a comment|Click to) .{0,80}$",
    ),
    (
        "navigation",
        r"(?:Advertisement|ADVERTISEMENT|Sponsored|Slide ?show|Photo gallery|Gallery|Comments?|Print|Share|Tweet|"
        r"E-?mail|Sign [Uu]p|Sign [Ii]n|Log [Ii]n|Subscribe|Newsletters?|Site [Mm]obile [Nn]avigation|"
        r"Video [Pp]layer [Cc]lose|Close|Menu|Search|Home|Privacy Policy|Terms of (?:Use|Service)|Follow us|"
        r"Trending|Most (?:read|popular|viewed)|(?:Previous|Next) (?:article|post|story|page))(?: ?\(.{0,20}\))?$",
    ),
    ("navigation", r"Home (?:[A-Z][\w&-]{1,20} ){1,3}[A-Z].{0,200}(?:\.\.\.|…)$"),
    (
        "dateline",
        rf"(?:(?:[Pp]ublished|[Uu]pdated|[Pp]osted|[Ll]ast (?:updated|modified)|[Ff]irst published)"
        rf"(?: on| at)?:? )?{_DAY}{_DATE}(?:,? (?:at )?{_CLOCK})?\.?$",
    ),
    ("dateline", rf"{_CLOCK}\.?$"),
    (
        "dateline",
        rf"[A-Z][A-Z .'’-]{{2,30}}(?:, [A-Z][\w. ]{{1,20}}?)?(?:, {_DATE})? ?(?:\({_AGENCY}\) ?[–—-]*|[–—-]+)$",
    ),
)

MARKED_CUES: tuple[tuple[str, str], ...] = (
    ("source", r"[\w ]{1,60}\| ?\d{4}-\d\d-\d\d.{0,80}$"),
    ("note", r"\(?[$€£]?\d[\w ]{0,30} = [$€£]?[\d.,]+ ?[A-Za-z.' ]{0,40}\)?\.?$"),
    ("contact", r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}$"),
    ("contact", r"(?:[*•-] ?)?\(?(?:https?://|www\.|[\w-]{1,30}\.(?:com|org|net|ly|rs|gov|co|me|info)/)\S{1,300}$"),
    ("contact", r"(?:[A-Z][\w ]{1,60}: ?)?[+(]?\d[\d ()./-]{6,20}$"),
    ("navigation", r"(?:[\w&’' -]{2,40}[>»›|•]\s?){2,12}[\w&’'. -]{0,80}$"),
    ("markup", r"\w{1,12}=.{0,120}(?<![.])$|__\w{1,20}__$|-\w+$|\{\{|\[\[|\}\}|\]\]|<[a-z/!]"),
)
"""Cues that any word may begin, kept apart for speed: they need a character of ``MARKS`` or a digit at the end."""

MARKS = r"[|=@/>»›•_{}\[\]<]"

ENDINGS: tuple[tuple[str, str], ...] = (
    (
        "credit",
        r"(?:via|/) ?(?:REUTERS|Reuters|AP|AFP|Getty Images|Xinhua|The New York Times|File P(?:hoto|icture))\)?\.?$",
    ),
    ("credit", r"\bcontributed (?:reporting|research|to this (?:report|story|article)).{0,60}$"),
    ("contact", r"(?:^|[:(-] ?|click )(?:https?://|www\.)?[\w-]{1,30}\.(?:com|org|net|ly|rs|gov|co|me|info)/\S{1,60}$"),
    ("contact", r"[Ee]-?mail: ?[\w.+-]{1,64}@[\w.-]{1,64}$"),
)
"""Cues at the end of a segment, searched in its last ``ENDING`` characters."""

ENDING = 120
