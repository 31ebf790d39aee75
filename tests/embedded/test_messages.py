import re
from pathlib import Path

import app.embedded
from app.settings import Settings


def test_every_setting_that_a_message_names_exists():
    sources = Path(app.embedded.__file__).parent.glob("*.py")
    named = {name for source in sources for name in re.findall(r"PLURAL_(\w+)", source.read_text())}

    assert {"HOME", "CACHE", "BOLT_PORT", "MAVEN_URL"} <= named
    assert {name.lower() for name in named} <= set(Settings.model_fields)
