"""Whether a short line holds a verb: what sets a headline off from a section heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimstance.model.segment.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence

_AUXILIARIES = words("""
    am is are was were be been being isn't aren't wasn't weren't has have had hasn't haven't hadn't will would won't
    wouldn't can could can't cannot couldn't may might must shall should shouldn't do does did don't doesn't didn't
    i'm he's she's it's we're they're you're i've we've they've i'll he'll she'll we'll they'll it'll let's there's
    """)
_IRREGULAR = words("""
    began beat became bet bid bit blew bought broke brought built burnt came caught chose cost cut dealt died drew drove
    fell felt fled flew forgot fought found froze gave went got grew held hit hurt kept knew laid led left let lost made
    meant met paid put quit ran read rose said sang sank sat saw sent set shook shot shut slid sold spoke spent split
    spread stood stole struck swore swept swam told took taught threw thought tore woke won wore wrote
    """)
_PLAIN = words("""
    accept accuse adopt agree aid aim allow announce approve arrest ask attack avoid back ban battle begin blame block
    boost break bring build buy call change charge claim clash clear close collapse condemn confirm consider continue
    convict create criticize cut debate decide declare defend delay demand deny die drop ease elect end expand
    expect face fail fall fear fight file find fire flee fly force gain get give go grow halt help hit hold hope hunt
    ignore impose increase indict investigate invade join jump keep kill lament launch lead lean leave lose make meet
    move need offer open oppose order oust overturn pass pay plan pledge press promise propose protest prove pull
    quit raid raise reach read reject release resign respond resume return reveal rise rule run sack say see seek sell
    send sentence set sign slam slow speak spread start stay stop storm strike sue suffer suspend take talk tell
    crash mock name push test threaten top turn urge veto vote vow wait walk want warn weigh win withdraw work worry
    """)
_SUFFIXES = ("ed", "es", "s")
_NOT_VERBS = words("news united series times states politics")


def has_verb(line: Sequence[str]) -> bool:
    """Tell whether the words may hold a finite verb; in doubt they do.

    Args:
        line: The words of one line, without punctuation.
    """
    return any(_is_verb(word, line[index - 1] if index else "") for index, word in enumerate(line))


def _is_verb(word: str, before: str) -> bool:
    lower = word.replace("’", "'").lower()
    if lower in _AUXILIARIES:
        return True
    if not before:  # a headline's first word is its subject
        return False
    if lower in _IRREGULAR or lower in _PLAIN or any(_is_inflected(lower, suffix) for suffix in _SUFFIXES):
        return True
    if before in ("and", "of", "the", "in", "for", "&") or lower in _NOT_VERBS:
        return False
    return word.islower() and lower.endswith(("s", "ed"))


def _is_inflected(word: str, suffix: str) -> bool:
    stem = word.removesuffix(suffix)
    return stem != word and (stem in _PLAIN or f"{stem}e" in _PLAIN or (stem[-1:] == "i" and f"{stem[:-1]}y" in _PLAIN))
