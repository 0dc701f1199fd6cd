from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from claimstance.eval.corpora import CorporaConfig, fetch_corpora
from claimstance.eval.corpora.fetch import ATTEMPTS
from claimstance.model.errors import ConfigError, CorpusError

CONTENT = b"one sentence of ours\n" * 1000
COMMIT = "0123abcd"


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT; paths that end in ``gone`` do not exist, those in ``cut`` break off, ``busy`` works on try 2."""

    def do_GET(self):
        self.server.requests.append(self.path)
        if self.path.endswith("gone"):
            self.send_error(404)
            return
        if self.path.endswith("busy") and self.server.requests.count(self.path) < 2:
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:500] if self.path.endswith("cut") else CONTENT)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv("CLAIMSTANCE_CORPORA_URL", raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.requests = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def base(server):
    return f"http://127.0.0.1:{server.server_port}"


def config(*names, sha256=None, url="https://example.invalid/{repository}/{commit}/{path}"):
    digest = sha256 or hashlib.sha256(CONTENT).hexdigest()
    files = [{"path": f"data/{name}", "local": name, "sha256": digest} for name in names]
    corpus = {
        "repository": "owner/texts",
        "commit": COMMIT,
        "licence": "ours",
        "description": "ours",
        "use": ["train"],
        "files": files,
    }
    return CorporaConfig.model_validate({"url": url, "corpora": {"texts": corpus}})


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_is_fetched_from_its_pinned_commit(server, base, tmp_path):
    (file,) = fetch_corpora(config("a b.tsv"), tmp_path, base_url=base)
    assert file.downloaded
    assert file.path == tmp_path / "texts/a b.tsv"
    assert file.path.read_bytes() == CONTENT
    assert server.requests == [f"/owner/texts/{COMMIT}/data/a%20b.tsv"]
    assert files_in(tmp_path) == ["a b.tsv"]


def test_a_file_with_the_right_hash_is_not_fetched_again(server, base, tmp_path):
    fetch_corpora(config("a.tsv"), tmp_path, base_url=base)
    (file,) = fetch_corpora(config("a.tsv"), tmp_path, base_url=base)
    assert not file.downloaded
    assert len(server.requests) == 1


def test_a_damaged_file_is_fetched_again(base, tmp_path):
    fetch_corpora(config("a.tsv"), tmp_path, base_url=base)
    (tmp_path / "texts/a.tsv").write_bytes(b"damaged")
    (file,) = fetch_corpora(config("a.tsv"), tmp_path, base_url=base)
    assert file.downloaded
    assert file.path.read_bytes() == CONTENT


def test_a_wrong_hash_is_refused_and_leaves_nothing(base, tmp_path):
    with pytest.raises(CorpusError, match="is not the file that was annotated"):
        fetch_corpora(config("a.tsv", sha256="0" * 64), tmp_path, base_url=base)
    assert files_in(tmp_path) == []


def test_a_file_that_does_not_exist_is_asked_for_once(server, base, tmp_path):
    with pytest.raises(CorpusError, match="404"):
        fetch_corpora(config("gone"), tmp_path, base_url=base, pause=0)
    assert len(server.requests) == 1


def test_a_broken_connection_is_tried_again_and_leaves_nothing(server, base, tmp_path):
    with pytest.raises(CorpusError, match=r"ended after 500 of|IncompleteRead"):
        fetch_corpora(config("cut"), tmp_path, base_url=base, pause=0)
    assert len(server.requests) == ATTEMPTS
    assert files_in(tmp_path) == []


def test_a_busy_server_is_asked_again(server, base, tmp_path):
    (file,) = fetch_corpora(config("busy"), tmp_path, base_url=base, pause=0)
    assert file.path.read_bytes() == CONTENT
    assert len(server.requests) == 2


def test_files_fetched_before_a_failure_stay(base, tmp_path):
    with pytest.raises(CorpusError, match="404"):
        fetch_corpora(config("a.tsv", "gone"), tmp_path, base_url=base, pause=0)
    assert files_in(tmp_path) == ["a.tsv"]


def test_the_mirror_can_come_from_the_environment(monkeypatch, base, tmp_path):
    monkeypatch.setenv("CLAIMSTANCE_CORPORA_URL", base + "/")
    (file,) = fetch_corpora(config("a.tsv"), tmp_path)
    assert file.downloaded


def test_only_web_addresses_are_fetched(tmp_path):
    with pytest.raises(ConfigError, match="http or https"):
        fetch_corpora(config("a.tsv", url="file:///{repository}/{commit}/{path}"), tmp_path)


def test_an_unknown_corpus_is_named(tmp_path):
    with pytest.raises(CorpusError, match="unknown corpus 'poems'; known are texts"):
        fetch_corpora(config("a.tsv"), tmp_path, names=["poems"])


def test_build_without_a_source_fetches_and_builds(source, in_public_texts, tmp_path):
    """The whole way on a mirror that serves the tiny tree: fetch, check, join, write."""
    import functools
    from http.server import SimpleHTTPRequestHandler

    from claimstance.cli import app

    mirror = tmp_path / "mirror"
    corpora = {}
    for folder in sorted(source.folder.iterdir()):
        (mirror / "owner").mkdir(parents=True, exist_ok=True)
        (mirror / "owner" / folder.name).mkdir()
        (mirror / "owner" / folder.name / COMMIT).symlink_to(folder)
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        corpora[folder.name] = {
            "repository": f"owner/{folder.name}",
            "commit": COMMIT,
            "licence": "ours",
            "description": "ours",
            "use": ["train"],
            "files": [
                {
                    "path": path.relative_to(folder).as_posix(),
                    "local": path.relative_to(folder).as_posix(),
                    "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                }
                for path in files
            ],
        }
    import yaml

    path = tmp_path / "corpora.yaml"
    path.write_text(yaml.safe_dump({"url": "https://x/{repository}/{commit}/{path}", "corpora": corpora}))

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(mirror)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        options = ["--config", str(path), "--base-url", f"http://127.0.0.1:{server.server_port}"]
        out = str(tmp_path / "out")
        result = CliRunner().invoke(app, ["corpus", "build", "--out", out, "--allow-mismatches", *options])
        again = CliRunner().invoke(app, ["corpus", "fetch", "--out", str(tmp_path / "out/sources"), *options])
    finally:
        server.shutdown()
        server.server_close()
    # On this tree, annotations of the real texts must all be reported; those of own articles are found.
    assert result.exit_code == 0, result.output
    assert f"annotations that did not match and were left out: {in_public_texts}" in result.output
    assert (tmp_path / "out/unlabelled.parquet").is_file()
    assert "0 of them downloaded now" in again.output
