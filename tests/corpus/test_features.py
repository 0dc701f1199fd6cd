from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from claimstance.model.labels import LABELS
from claimstance.train.corpus.features import ROW_COLUMNS, UNLABELLED_COLUMNS, schema, write_parquet
from claimstance.train.corpus.rows import Row


@pytest.fixture
def row():
    return Row(
        "a1", "own", "g1", 0, 9, "It rains.", "", True, "QF", "train", "authored", "authored", "weather"
    ).to_dict()


def test_datasets_restores_the_features(tmp_path, row):
    datasets = pytest.importorskip("datasets")
    write_parquet([row], ROW_COLUMNS, tmp_path / "train.parquet")
    loaded = datasets.load_dataset(
        "parquet", data_files=str(tmp_path / "train.parquet"), split="train", cache_dir=str(tmp_path)
    )
    assert isinstance(loaded.features["label"], datasets.ClassLabel)
    assert loaded.features["label"].names == list(LABELS)
    assert loaded.features["quotation_open"].dtype == "bool"
    assert {loaded.features[facet].dtype for facet in ("quote", "threat", "forecast")} == {"int8"}
    assert loaded[0] == row


@pytest.mark.parametrize("columns", [ROW_COLUMNS, UNLABELLED_COLUMNS])
def test_the_schema_is_the_one_datasets_writes_for_these_features(columns):
    datasets = pytest.importorskip("datasets")
    ours = schema(columns)
    features = datasets.Features.from_arrow_schema(ours)
    assert list(features) == list(columns)
    assert features.arrow_schema.remove_metadata() == ours.remove_metadata()


def test_rows_and_columns_agree(row):
    assert set(row) == set(ROW_COLUMNS)


def test_a_failed_write_leaves_the_old_file(tmp_path, row):
    path = tmp_path / "train.parquet"
    write_parquet([row], ROW_COLUMNS, path)
    with pytest.raises(pa.ArrowInvalid):
        write_parquet([row | {"start": "zero"}], ROW_COLUMNS, path)
    assert pq.read_table(path).num_rows == 1
