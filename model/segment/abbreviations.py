"""Words that tell whether a full stop ends a sentence: abbreviations, and words that begin sentences.

Written without their final full stop. Case matters: ``Miss.`` is a state, ``miss.`` ends a sentence.
"""

from __future__ import annotations

from claimstance.model.segment.words import words

NEVER_LAST = words("""
    Mr Mrs Ms Mx Dr Drs Prof Gen Brig Lt Col Sgt Maj Capt Cpl Pvt Cmdr Comdr Cdr Adm Ens Rev Fr Hon Sen Sens Rep Reps
    Gov Govs Pres Messrs Mme Mlle Supt Insp Det Const Atty Amb Pte Spc Pfc Asst Assoc Msgr Ald Bp Abp Srta Dra Sra
    Cong Cllr Treas Secy Gens Cols Profs Revs Adj Adjt Lieut Serg Sgts Cpls Ofc Cpt
    vs v cf viz i.e e.g approx def feat Vs
    """)
"""Titles and particles: always followed by what they belong to."""

BEFORE_NUMBER = words("No Nos no nos p pp Fig fig Figs Art Sec sec Vol vol Ch ch Rs Ver ca c")
"""Full stops of abbreviations before a number ("No. 5"), of sentences elsewhere ("He said no. Then he left.")."""

MAYBE_LAST = words("""
    Inc Corp Co Cos Ltd Bros LLC Plc PLC Jr Sr Esq Dept Univ Assn Intl Natl Govt Hon Ave Blvd Rd Hwy Pkwy St Ste Ft Mt
    Bldg Sq Pl Rte Mts Pt
    Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun
    Ala Me Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Kans Ky La Mass Md Mich Minn Miss Mo Mont Neb Nebr Nev Okla
    Ore Pa Penn Tenn Tex Va Vt Wash Wis Wyo Ont Que Alta Sask Man
    etc al est Est Ph ext seq ed Ed eds Eds
    """)
"""Abbreviations that end a sentence only if what follows begins one."""

STARTERS = words("""
    the a an this that these those he she it they we you i his her its their our my your there here in on at by for from
    with to as but and or so yet if when while after before since until although though because however meanwhile
    moreover also still then now today yesterday tomorrow both some many several another each every what who why how
    where which whether according under over during despite among about only even once thus nevertheless nonetheless
    therefore earlier later police officials such like unlike without within between through up out off not nor neither
    instead indeed perhaps maybe just asked it's he's she's they're we're i'm i've that's there's don't
    """)
"""Words that, capitalised after an abbreviation, begin a new sentence rather than go on with a name."""

CLOCK = words("a.m p.m A.M P.M am pm AM PM")
"""Times of day: a capital after them begins a sentence, unless it tells the time zone, day or place."""

AFTER_CLOCK = words("""
    EST EDT ET CST CDT CT MST MDT MT PST PDT PT GMT UTC BST CET CEST EET IST JST AEST AEDT AWST NZST NZDT HKT SGT MSK
    Eastern Central Mountain Pacific Atlantic Greenwich Moscow London Beijing Tokyo Sydney
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Tues Wed Thu Thurs Fri Sat Sun
    January February March April May June July August September October November December
    Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec
    """)

EXCLAIMED_NAMES = words("Yahoo Jeopardy Yum Oklahoma Mamma")
"""Names written with an exclamation mark, which goes on within the sentence."""
