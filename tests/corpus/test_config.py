from __future__ import annotations

import pytest
import yaml

from claimstance.eval.corpora import CORPORA, load_corpora_config
from claimstance.model.errors import ConfigError

VALID = {
    "url": "https://example.org/{repository}/{commit}/{path}",
    "corpora": {
        "texts": {
            "repository": "owner/texts",
            "commit": "0123abcd",
            "licence": "ours",
            "description": "ours",
            "use": ["train"],
            "manifest": "texts.sha256",
        }
    },
}


def write(tmp_path, change=None, manifest=f"{'a' * 64}  x/one.json\n"):
    content = {**VALID, "corpora": {"texts": {**VALID["corpora"]["texts"], **(change or {})}}}
    path = tmp_path / "corpora.yaml"
    path.write_text(yaml.safe_dump(content))
    (tmp_path / "texts.sha256").write_text(manifest)
    return path


def test_the_shipped_config_names_every_corpus_and_file():
    config = load_corpora_config()
    assert set(config.corpora) == {*CORPORA, "finnumclaim"}
    assert {name: len(corpus.files) for name, corpus in config.corpora.items()} == {
        "wikinews": 1,
        "newsdiscourse": 3,
        "basil": 300,
        "plover": 4,
        "cameo": 2,
        "un": 1,
        "finnumclaim": 6,
    }
    assert config.corpora["finnumclaim"].use == ["evaluation"]


def test_a_manifest_adds_its_files(tmp_path):
    (file,) = load_corpora_config(write(tmp_path)).corpora["texts"].files
    assert (file.path, file.local, file.sha256) == ("x/one.json", "x/one.json", "a" * 64)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "blue"}, "colour"),
        ({"commit": "main"}, "commit"),
        ({"use": []}, "use"),
        ({"use": ["fun"]}, "use"),
        ({"repository": "https://example.org/x"}, "repository"),
        ({"manifest": "absent.sha256"}, "absent"),
        ({"files": [{"path": "../x", "local": "x", "sha256": "a" * 64}]}, "stays inside"),
        ({"files": [{"path": "x", "local": "/etc/x", "sha256": "a" * 64}]}, "stays inside"),
        ({"files": [{"path": "x", "local": "x", "sha256": "abc"}]}, "sha256"),
    ],
)
def test_a_wrong_config_is_refused(tmp_path, change, message):
    with pytest.raises(ConfigError, match=message):
        load_corpora_config(write(tmp_path, change))


@pytest.mark.parametrize("line", ["abc  x", f"{'a' * 64} x", f"{'a' * 64}  ../x", ""])
def test_a_wrong_manifest_line_is_refused(tmp_path, line):
    with pytest.raises(ConfigError, match=r"texts\.sha256|stays inside"):
        load_corpora_config(write(tmp_path, manifest=line + "\n"))


def test_a_missing_config_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        load_corpora_config(tmp_path / "none.yaml")
