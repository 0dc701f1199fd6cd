"""A small annotated corpus of our own sentences, as the corpus build would write it."""

import pytest

ROWS = [
    # doc, sampling, quote, threat, forecast, is_sentence, text
    ("d1", "natural", 0, 0, 0, True, "The council opened the new bridge on Saturday."),
    ("d1", "natural", 1, 0, 0, True, "The mayor said the bridge had cost nine million."),
    ("d1", "natural", 0, 0, 1, True, "The bridge is likely to close again in winter."),
    ("d1", "natural", 0, 0, 0, False, "By Anna Fletcher"),
    ("d2", "natural", 0, 1, 0, True, "The tenants have until Monday to leave or be evicted."),
    ("d2", "natural", 1, 0, 0, True, '"We counted every vote twice," the clerk told reporters.'),
    ("d2", "natural", 0, 0, 0, True, "Floods damaged forty houses along the river."),
    ("d3", "enriched", 1, 1, 0, True, "The union threatened to strike unless wages rose, its leader said."),
    ("d4", "enriched", 1, 0, 1, True, "Analysts said prices could fall before the summer."),
    ("d5", "enriched", 0, 0, 1, True, "The dam is unlikely to survive another winter."),
    ("d6", "enriched", 1, 0, 0, True, "According to the report, the mine never had a licence."),
    ("d7", "enriched", 0, 0, 0, True, "The committee will meet on 12 March in the town hall."),
]


@pytest.fixture(scope="session")
def corpus_folder(tmp_path_factory):
    """Return a folder with train and test splits; train repeats test's patterns with other nouns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("data")
    for split, times in (("test", 1), ("train", 3)):
        rows = [(copy, i, row) for copy in range(times) for i, row in enumerate(ROWS)]
        columns = {
            "id": [f"{split}-{copy}-{i}" for copy, i, _ in rows],
            "corpus": ["own"] * len(rows),
            "doc": [f"{split}-{copy}-{row[0]}" for copy, _, row in rows],
            "text": [row[6] if split == "test" else row[6].replace("the ", "the old ") for _, _, row in rows],
            "previous": [""] * len(rows),
            "quotation_open": [False] * len(rows),
            "quote": [row[2] for _, _, row in rows],
            "threat": [row[3] for _, _, row in rows],
            "forecast": [row[4] for _, _, row in rows],
            "is_sentence": [row[5] for _, _, row in rows],
            "sampling": [row[1] for _, _, row in rows],
        }
        pq.write_table(pa.table(columns), folder / f"{split}.parquet")
    return folder


@pytest.fixture(scope="session")
def quick_config(tmp_path_factory):
    """Return an evaluation YAML with few resamples."""
    path = tmp_path_factory.mktemp("config") / "eval.yaml"
    path.write_text("bootstrap: {resamples: 40}\ntfidf: {min_documents: 1}\n", encoding="utf-8")
    return path
