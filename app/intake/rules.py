"""Identity rules as a tenant writes them become the domain's."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from app.domain.errors import InvalidError
from app.domain.identity_rules import IdentifierClass, IdentityRules, rules_of
from app.domain.models import Purpose
from app.intake.fields import OWN, TEXT_PATTERN, AsText, Word
from app.intake.reasons import describe, dotted

Cap = Annotated[int, Field(ge=1, le=1_000_000)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=TEXT_PATTERN), AsText]


class RulesRow(BaseModel):
    """The rules of one tenant; what is left out is as by default."""

    model_config = OWN

    classes: Annotated[dict[Word, IdentifierClass], Field(max_length=200)] = {}
    """Class by identifier type, over the defaults."""
    caps: dict[IdentifierClass, Cap] = {}
    """Most identities that one value may belong to before it is quarantined, by class."""
    blocked_values: Annotated[list[Text], Field(max_length=10_000)] = []
    """Values that name nobody."""
    source_priorities: Annotated[dict[Word, Annotated[int, Field(ge=-1000, le=1000)]], Field(max_length=200)] = {}
    """Priority by a link's source; of links that conflict the higher one holds. A source not named has 0."""
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Links below this confidence join nobody."""
    phone_region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166 code of the country whose phone numbers may lack their country code."""
    consent_categories: Annotated[dict[Text, list[Purpose]], Field(max_length=200)] = {}
    """Purposes by the category names of Segment's `context.consent.categoryPreferences`."""
    sensitive_terms: Annotated[list[Text], Field(max_length=10_000)] = []
    """Words and phrases that make a product sensitive, in its title, category or tags, beside Plural's own list."""
    harmless_terms: Annotated[list[Text], Field(max_length=10_000)] = []
    """Words and phrases that do not, though a word of the list is in them (`health food`)."""

    def to_rules(self) -> IdentityRules:
        """Say the same in the domain's words."""
        return rules_of(self.model_dump())


def parse_rules(text: str) -> IdentityRules:
    """Read rules from JSON; ``InvalidError`` says what cannot be used."""
    try:
        return RulesRow.model_validate_json(text).to_rules()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidError(f"The rules cannot be used: {dotted(first['loc']) or 'they'} {describe(first)}.") from error
