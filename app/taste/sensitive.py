"""Words that nothing may say about a community: they would tell of health, faith, politics, sexuality or need.

A community is a set of people, so whatever names it is said of them. Sex, age and origin are no taste either.
"""

from itertools import product

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
_WHO_THEY_ARE = """
    african american, boy, boyband, caucasian, elderly, ethnic, ethnicity, female, gentleman, gentlemen, girl,
    girlband, hispanic, immigrant, lady, latina, latino, male, man, men, mens, pensioner, retired, senior, teen,
    teenage, teenager, woman, womens, women
"""
_LISTS = (_HEALTH, _FAITH, _POLITICS, _SEXUALITY, _NEED, _WHO_THEY_ARE)
_PHRASES = frozenset(plain_words_of(phrase) for words in _LISTS for phrase in words.replace("\n", " ").split(","))
_LONGEST = max(len(phrase) for phrase in _PHRASES)


def is_sensitive(text: str) -> bool:
    """Whether a text has a word or phrase of the lists, in any case, as it stands there or in the plural.

    A word of the lists is never brought into the singular: "aids" is an illness, an aid is none.
    """
    spelled = [(word, singular(word)) for word in plain_words_of(text)]
    return any(
        words in _PHRASES
        for length in range(1, _LONGEST + 1)
        for start in range(len(spelled) - length + 1)
        for words in product(*spelled[start : start + length])
    )
