"""Every shipped YAML loads through its typed class, and typed classes refuse what they do not know."""

from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from claimstance.eval.config import EvalConfig, load_eval_config
from claimstance.eval.corpora.config import load_corpora_config
from claimstance.eval.probes.behaviour import load_sentences
from claimstance.model.errors import ConfigError
from claimstance.train.ablation import load_ablation
from claimstance.train.config import load_train_config

CONFIGS = Path(str(files("claimstance.configs")))
LOADERS = {
    "ablation.yaml": load_ablation,
    "corpora.yaml": load_corpora_config,
    "eval.yaml": load_eval_config,
    "train": load_train_config,
}
SHIPPED = sorted(p.relative_to(CONFIGS) for p in CONFIGS.rglob("*.y*ml"))


def loader(path):
    name = path.parts[0] if len(path.parts) > 1 else path.name
    assert name in LOADERS, f"{path} has no typed class; add its loader here"
    return LOADERS[name]


def test_there_are_configurations():
    assert {"corpora.yaml", "eval.yaml"} <= {p.name for p in SHIPPED}
    assert any(p.parts[0] == "train" for p in SHIPPED)


@pytest.mark.parametrize("path", SHIPPED, ids=str)
def test_shipped_configuration_loads(path):
    assert loader(path)(CONFIGS / path) is not None


@pytest.mark.parametrize("path", SHIPPED, ids=str)
def test_unknown_keys_are_refused(path, tmp_path):
    content = yaml.safe_load((CONFIGS / path).read_text(encoding="utf-8"))
    content["no_such_setting"] = 1
    changed = tmp_path / path.name
    changed.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ConfigError, match="no_such_setting"):
        loader(path)(changed)


def test_the_shipped_evaluation_settings_are_the_defaults():
    assert load_eval_config() == EvalConfig()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bootstrap: {resamples: 0}", "resamples"),
        ("bootstrap: {confidence: 1.5}", "confidence"),
        ("tfidf: {longest_ngrams: 2}", "longest_ngrams"),
        ("errors_shown: many", "errors_shown"),
        ("[", "eval.yaml"),
    ],
)
def test_wrong_values_are_refused(tmp_path, text, message):
    path = tmp_path / "eval.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_eval_config(path)


def test_missing_configuration_says_where(tmp_path):
    with pytest.raises(ConfigError, match="no configuration at"):
        load_eval_config(tmp_path / "none.yaml")


def test_probe_sentences_refuse_unknown_keys(tmp_path):
    path = tmp_path / "sentences.yaml"
    path.write_text("invariance: []\nheadlines: []\ndirectional: []\nbias: []\nother: []\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="other"):
        load_sentences(path)
