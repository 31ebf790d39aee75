"""Words of what is sensitive: health, faith, politics, sexuality, need and origin.

Nothing of it names a community, which is a set of people, so whatever names it is said of them; sex and age are no
taste either. And no product of it is inferred from what somebody likes.
"""

from collections.abc import Collection, Iterable
from itertools import product
from typing import Literal, get_args

from app.taste.words import plain_words_of, singular

_HEALTH = """
    acne, addiction, aids, alcoholic, alcoholism, allergy, analgesic, antacid, anti-acid, antidepressant,
    anxiety, arthritis, asthma, bladder, blood pressure, cancer, catheter, cholesterol, cold and flu, cold flu,
    cold remedy, condom, constipation, contraceptive, contraception, cough, cough and cold, depression,
    diabetes, diabetic, diarrhea, diarrhoea, diet, dieting, dietary, digestive, disability, disabled, disease,
    disorder, drug, eczema, feminine hygiene, fertility, first aid, haemorrhoid, headache, health, healthcare,
    hearing aid, hemorrhoid, hiv, illness, incontinence, insulin, laxative, lice, medical, medicated,
    medication, medicine, medicinal, menopause, menstrual, mental, migraine, nicotine, obesity, ovulation, pain,
    painkiller, pharmacy, pregnancy, pregnant, prescription, psychiatric, quit smoking, remedy, sanitary,
    sanitary napkin, slimming, smoking cessation, stomach, suicide, suicidal, supplement, tampon, therapy,
    vitamin, weight control, weight loss, weight management, wheelchair, anti smoking, sleep aid
"""
_FAITH = """
    allah, atheism, atheist, bible, buddhism, buddhist, catholic, catholicism, christian, christianity, church,
    communion, evangelical, faith, gospel, halal, hindu, hinduism, islam, islamic, jesus, jewish, judaism,
    kosher, koran, mormon, muslim, passover, prayer, quran, rabbi, ramadan, religion, religious, satanic,
    satanism, sikh, synagogue, torah, worship
"""
_POLITICS = """
    abortion, activism, anarchism, anarchist, anarchy, anti-fascist, antifa, communism, communist, conservative,
    democrat, election, fascism, fascist, feminism, feminist, gun, left wing, leftist, liberal, libertarian,
    marxism, marxist, nationalist, nazi, nsbm, political, politic, politics, protest, republican, right wing,
    socialism, socialist, trade union, white power
"""
_SEXUALITY = """
    adult toy, bdsm, bisexual, erotic, erotica, escort, family planning, fetish, gay, homosexual, kinky,
    lesbian, lgbt, lgbtq, lubricant, porn, porno, queer, sex, sexual, sexuality, sexy, trans, transgender,
    transsexual
"""
_NEED = """
    bankrupt, bankruptcy, cash advance, credit card, debt, ebt, food bank, food stamp, gambling, loan, lottery,
    low income, pawn, payday, poverty, unemployed, unemployment, welfare, wic
"""
_ORIGIN = """
    african american, caucasian, ethnic, ethnicity, hispanic, immigrant, latina, latino
"""
_WHO_THEY_ARE = """
    boy, boyband, elderly, female, gentleman, gentlemen, girl, girlband, lady, male, man, men, mens, pensioner,
    retired, senior, teen, teenage, teenager, woman, womens, women
"""
Topic = Literal["health", "faith", "politics", "sexuality", "need", "origin"]
TOPICS: tuple[Topic, ...] = get_args(Topic)
OF_THE_SHOP = "shop"
"""Topic of what a tenant adds."""
WHO = "who they are"
"""Topic of words for sex and age, where people are spoken to."""

Phrase = tuple[str, ...]


def phrases_of(terms: Iterable[str]) -> frozenset[Phrase]:
    """The words of each term, without those that have none."""
    return frozenset(phrase for term in terms if (phrase := plain_words_of(term)))


_BY_TOPIC = {
    phrase: topic
    for topic, words in zip(TOPICS, (_HEALTH, _FAITH, _POLITICS, _SEXUALITY, _NEED, _ORIGIN), strict=True)
    for phrase in phrases_of(words.replace("\n", " ").split(","))
}
_WHO_PHRASES = phrases_of(_WHO_THEY_ARE.replace("\n", " ").split(","))
_NOT_SAID = frozenset(_BY_TOPIC) | _WHO_PHRASES
_LONGEST = max(map(len, _NOT_SAID))


def is_sensitive(text: str) -> bool:
    """Whether a text has a word or phrase of the lists, in any case, as it stands there or in the plural.

    A word of the lists is never brought into the singular: "aids" is an illness, an aid is none.
    """
    return not _NOT_SAID.isdisjoint(_phrases_in(text, _LONGEST))


def topics_of(
    texts: Iterable[str], added: Collection[Phrase] = (), removed: Collection[Phrase] = (), name: str = OF_THE_SHOP
) -> frozenset[str]:
    """Topics of a product's title, category and tags; empty where nothing of it is sensitive.

    ``added`` are phrases that a shop finds sensitive, too, ``removed`` those that it does not: where one of them
    covers a word of the lists, that word says nothing ("health food" is no illness). What is added is of the topic
    ``name``.
    """
    longest = max(_LONGEST, *map(len, added), *map(len, removed)) if added or removed else _LONGEST
    return frozenset(topic for text in texts for topic in _topics_in(text, longest, added, removed, name))


def traits_of(texts: Iterable[str], added: Collection[Phrase] = (), removed: Collection[Phrase] = ()) -> frozenset[str]:
    """Topics of words that people are spoken to with; who they are (sex, age) is one, too: ``WHO``.

    ``added`` and ``removed`` are as in ``topics_of``.
    """
    said = list(texts)
    return topics_of(said, added, removed) | topics_of(said, _WHO_PHRASES, removed, WHO)


def _topics_in(
    text: str, longest: int, added: Collection[Phrase], removed: Collection[Phrase], name: str
) -> Iterable[str]:
    found = list(_places_in(text, longest))
    harmless = [range(start, end) for phrase, start, end in found if phrase in removed]
    for phrase, start, end in found:
        topic = name if phrase in added else _BY_TOPIC.get(phrase)
        if topic and not any(start in span and end - 1 in span for span in harmless):
            yield topic


def _phrases_in(text: str, longest: int) -> Iterable[Phrase]:
    return (phrase for phrase, _, _ in _places_in(text, longest))


def _places_in(text: str, longest: int) -> Iterable[tuple[Phrase, int, int]]:
    """Every phrase of a text, with its words as they stand and in the singular, and from where to where it stands."""
    spelled = [(word, singular(word)) for word in plain_words_of(text)]
    for length in range(1, min(longest, len(spelled)) + 1):
        for start in range(len(spelled) - length + 1):
            for words in product(*(dict.fromkeys(both) for both in spelled[start : start + length])):
                yield words, start, start + length
