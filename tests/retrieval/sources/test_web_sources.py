"""Pages as documents: from a site on this machine into an index, and out again."""

from __future__ import annotations

from contextlib import closing

import pytest
from support.doubles import ReaderHere, WordEncoder
from support.site import send

from retrieval import FileState, Index, SettingsError, StoreError, ask
from retrieval.errors import FetchError
from retrieval.sources.web_sources import WebSources
from retrieval.storage.pages import PageState, SourceKind, WebSource

DAY_S = 24 * 60 * 60


class Library:
    """An index, its folder and its web pages."""

    def __init__(self, tmp_path, fetcher, time):
        self.folder, self.data = tmp_path / "papers", tmp_path / "data"
        self.folder.mkdir()
        self.encoder = WordEncoder("tower", "bell")
        self.index = Index(self.data, self.encoder, reader=ReaderHere())
        self.fetcher, self.time = fetcher, time
        self.sources = WebSources(self.data, fetcher, keep_gone_days=30, now=time)

    def add(self, address, kind=SourceKind.PAGE, max_pages=1):
        self.sources.add(WebSource("default", address, kind, max_pages))
        return self.refresh()

    def refresh(self, **options):
        """Give what became of each page: its path on the site, and the change."""
        return {
            report.address.rpartition(":")[2].partition("/")[2]: report.change.value
            for report in self.sources.refresh(**options)
        }

    def sync(self, **options):
        """Give the files by their state."""
        report = self.index.sync(self.folder, **options)
        return {
            state: [file.path for file in report.files if file.state is state]
            for state in FileState
            if report.count(state)
        }

    def paths(self):
        return [document.path for document in self.index.documents()]

    def quote(self, question):
        return ask(self.index, question).quotes[0]

    def close(self):
        self.sources.close()
        self.index.close()


@pytest.fixture
def library(tmp_path, fetcher, time):
    with closing(Library(tmp_path, fetcher, time)) as library:
        yield library


def test_a_page_becomes_a_document_that_is_quoted(library, site):
    site.pages["/a"] = "<title>Towers</title><p>The tower is 96 metres high."
    assert library.add(site.address("/a")) == {"a": "fetched"}
    assert library.sync() == {FileState.INDEXED: [site.address("/a")]}
    source = library.quote("How high is the tower?").source
    assert (source.path, source.title) == (site.address("/a"), "Towers")
    assert source.fetched_at == "2027-01-15T08:00:00+00:00"
    assert source.url == f"{site.address('/a')}#:~:text=The%20tower%20is%2096%20metres%20high"
    assert not source.is_gone


def test_an_unchanged_page_costs_one_request_and_no_encoding(library, site):
    site.pages["/a"] = "<p>The tower is high."
    library.add(site.address("/a"))
    library.sync()
    site.requests.clear()
    library.encoder.encoded.clear()
    assert library.refresh() == {"a": "unchanged"}
    assert library.sync() == {FileState.UNCHANGED: [site.address("/a")]}
    assert (site.requests, library.encoder.encoded) == (["/a"], [])


def test_the_same_bytes_are_no_new_version(library, site):
    site.pages["/a"] = lambda it: send(it, b"<p>The tower is high.")  # no ETag
    library.add(site.address("/a"))
    assert library.refresh() == {"a": "unchanged"}


def test_of_a_changed_page_the_new_sentences_are_encoded(library, site):
    site.pages["/a"] = "<p>The tower is high.</p><p>The bell is old.</p>"
    library.add(site.address("/a"))
    library.sync()
    library.encoder.encoded.clear()
    site.pages["/a"] = "<p>The tower is high.</p><p>The bell is new.</p>"
    assert library.refresh() == {"a": "fetched"}
    library.sync()
    assert "The tower is high." not in library.encoder.encoded
    assert library.quote("Is the bell new?").highlight.text == "The bell is new."


def test_a_page_that_is_gone_keeps_its_last_version_for_a_while(library, site, time):
    site.pages["/a"] = "<p>The tower is high."
    library.add(site.address("/a"))
    library.sync()
    del site.pages["/a"]
    assert library.refresh() == {"a": "gone"}
    library.sync()
    assert library.quote("tower?").source.is_gone
    time.now += 29 * DAY_S
    library.refresh()
    library.sync()
    assert library.paths() == [site.address("/a")]
    time.now += 2 * DAY_S
    library.refresh()
    assert library.sync() == {FileState.REMOVED: [site.address("/a")]}
    ((listed,),) = [source.pages for source in library.sources.all()]
    assert (listed.state, listed.sha256) == (PageState.GONE, "")


def test_a_page_that_comes_back_is_no_longer_gone(library, site):
    page = site.pages["/a"] = "<p>The tower is high."
    library.add(site.address("/a"))
    library.sync()
    del site.pages["/a"]
    library.refresh()
    site.pages["/a"] = page
    assert library.refresh() == {"a": "unchanged"}
    assert not library.quote("tower?").source.is_gone


def test_what_cannot_be_fetched_keeps_its_last_version(library, site):
    site.pages["/a"] = "<p>The tower is high."
    library.add(site.address("/a"))
    site.pages["/a"] = lambda it: send(it, b"", status=500)
    assert library.refresh() == {"a": "failed"}
    assert library.sync() == {FileState.INDEXED: [site.address("/a")]}
    (source,) = library.sources.all()
    assert source.pages[0].reason == "The site answers that it is busy or broken (HTTP 500)."


def test_pages_below_an_address_are_found_up_to_a_number(library, site):
    site.pages |= {f"/docs/{number}": f"<p>{number}<a href={number + 1}>" for number in range(1, 9)}
    site.pages["/docs/"] = "<a href=1>1</a><a href=/other>other</a><a href=1>again</a>"
    site.pages["/other"] = "<p>Other"
    found = library.add(site.address("/docs/"), SourceKind.BELOW, 4)
    assert list(found) == ["docs/", "docs/1", "docs/2", "docs/3"]


def test_pages_of_a_sitemap_are_found_up_to_a_number(library, site):
    locations = "".join(f"<url><loc>{site.address(f'/{number}')}</loc></url>" for number in range(9))
    site.pages |= {f"/{number}": f"<p>{number}" for number in range(9)}
    site.pages["/map.xml"] = f"<urlset>{locations}</urlset>"
    assert list(library.add(site.address("/map.xml"), SourceKind.SITEMAP, 3)) == ["0", "1", "2"]


def test_a_sitemap_that_is_none_is_reported_with_its_source(library, site):
    site.pages["/map.xml"] = "<html>Not here"
    assert library.add(site.address("/map.xml"), SourceKind.SITEMAP, 3) == {"map.xml": "failed"}
    (listed,) = library.sources.all()
    assert listed.source.reason.startswith("This is no sitemap.")


def test_a_refresh_that_was_ended_goes_on_where_it_stopped(library, site, time):
    locations = "".join(f"<url><loc>{site.address(f'/{number}')}</loc></url>" for number in range(40))
    site.pages |= {f"/{number}": f"<p>Page {number}." for number in range(40)}
    site.pages["/map.xml"] = f"<urlset>{locations}</urlset>"
    source = library.sources.add(WebSource("default", site.address("/map.xml"), SourceKind.SITEMAP, 1_000))
    began = time.now
    run = library.sources.refresh(due_before=began)
    for _ in range(15):
        next(run)
    run.close()
    assert len(library.sync()[FileState.INDEXED]) == 15
    site.requests.clear()
    time.now += 1
    assert len(library.refresh(due_before=began)) == 25
    assert len([path for path in site.requests if path != "/map.xml"]) == 25
    assert len(library.sync()[FileState.INDEXED]) == 25
    assert library.sources.all()[0].source.address == source.address


def test_only_one_process_fetches_at_a_time(library, site, fetcher, time):
    site.pages |= {"/a": "<p>A", "/b": "<p>B"}
    for path in ("/a", "/b"):
        library.sources.add(WebSource("default", site.address(path)))
    run = library.sources.refresh()
    next(run)
    with (
        closing(WebSources(library.data, fetcher, now=time)) as other,
        pytest.raises(StoreError, match="Another process"),
    ):
        next(other.refresh())


def test_what_is_not_due_is_left_alone(library, site, time):
    site.pages["/a"] = "<p>A"
    library.add(site.address("/a"))
    assert not library.sources.is_due(time.now - DAY_S)
    assert library.refresh(due_before=time.now - DAY_S) == {}
    time.now += DAY_S
    assert library.sources.is_due(time.now - DAY_S)


# --- removing


def test_a_removed_source_takes_its_documents_along(library, site):
    for number in range(20):
        site.pages[f"/{number}"] = f"<p>Page {number}."
        library.sources.add(WebSource("default", site.address(f"/{number}")))
    library.refresh()
    library.sync()
    for number in range(20):
        library.sources.remove("default", site.address(f"/{number}"))
    assert len(library.sync()[FileState.REMOVED]) == 20  # on purpose, so nobody has to confirm it
    assert library.sources.all() == []


def test_an_unknown_source_cannot_be_removed(library):
    with pytest.raises(SettingsError, match="quoth sources lists them"):
        library.sources.remove("default", "https://example.org/")
    with pytest.raises(FetchError):
        library.sources.remove("default", "nonsense")


def test_snapshots_that_nobody_needs_are_deleted(library, site):
    site.pages["/a"] = "<p>The tower is high."
    library.add(site.address("/a"))
    library.sync()
    old = library.quote("tower?").source.sha256
    site.pages["/a"] = "<p>The tower is low."
    library.refresh()
    library.sync()
    assert library.sources.prune(lambda: {old}) == 0
    assert library.sources.prune(set) == 1
    assert library.quote("tower?").source.fetched_at


def test_a_page_that_had_to_go_is_forgotten_with_its_snapshots(library, site):
    site.pages["/a"] = "<p>The tower is high."
    library.add(site.address("/a"))
    library.sync()
    library.quote("tower?")
    with pytest.raises(SettingsError, match="quoth sources --remove"):
        library.index.forget("default", site.address("/a"))
    library.sources.remove("default", site.address("/a"))
    assert library.index.forget("default", site.address("/a")) == 1
    assert list(library.data.glob("pages/*/*.warc.gz")) == []


def test_a_dropped_collection_takes_its_sources_along(library, site):
    site.pages["/a"] = "<p>A"
    library.add(site.address("/a"))
    library.sync()
    library.index.drop("default")
    assert library.sources.all() == []


# --- sources.txt


def write_list(library, site, *paths):
    (library.folder / "sources.txt").write_text("".join(f"{site.address(path)}\n" for path in paths))


def test_the_pages_of_sources_txt_are_documents(library, site):
    site.pages |= {"/a": "<p>A", "/b": "<p>B"}
    write_list(library, site, "/a", "/b")
    assert library.sync() == {}
    assert library.refresh() == {"a": "fetched", "b": "fetched"}
    assert library.sync() == {FileState.INDEXED: [site.address("/a"), site.address("/b")]}
    with pytest.raises(SettingsError, match="Delete that line"):
        library.sources.remove("default", site.address("/a"))


def test_a_line_that_is_removed_removes_its_page(library, site):
    site.pages |= {"/a": "<p>A", "/b": "<p>B"}
    write_list(library, site, "/a", "/b")
    library.sync()
    library.refresh()
    library.sync()
    write_list(library, site, "/b")
    assert library.sync() == {FileState.REMOVED: [site.address("/a")], FileState.UNCHANGED: [site.address("/b")]}
    assert [listed.source.address for listed in library.sources.all()] == [site.address("/b")]


def test_a_wrong_line_is_a_file_that_failed(library, site):
    write_list(library, site, "/a")
    with (library.folder / "sources.txt").open("a") as file:
        file.write("nonsense\n")
    assert library.sync() == {FileState.FAILED: ["sources.txt"]}


def test_with_a_lost_folder_its_pages_are_kept(library, site):
    site.pages["/a"] = "<p>A"
    write_list(library, site, "/a")
    (library.folder / "b.txt").write_text("The bell is old.")
    library.sync()
    library.refresh()
    library.sync()
    for file in library.folder.iterdir():
        file.unlink()  # as where a disk is not mounted
    report = library.index.sync(library.folder)
    assert report.withheld[0].gone == 2
    assert library.paths() == ["b.txt", site.address("/a")]
    assert len(library.sources.all()) == 1
    write_list(library, site, "/a")
    (library.folder / "b.txt").write_text("The bell is old.")
    assert library.sync() == {FileState.UNCHANGED: ["b.txt", site.address("/a")]}


def test_pages_do_not_hide_that_a_folder_is_lost(library, site):
    site.pages["/a"] = "<p>A"
    (library.folder / "b.txt").write_text("The bell is old.")
    library.add(site.address("/a"))
    library.sync()
    (library.folder / "b.txt").unlink()
    report = library.index.sync(library.folder)
    assert [withheld.gone for withheld in report.withheld] == [1]
    assert library.paths() == ["b.txt", site.address("/a")]


def test_where_strangers_add_files_sources_txt_is_a_document(library, site):
    write_list(library, site, "/a")
    assert library.sync(lists_pages=False) == {FileState.INDEXED: ["sources.txt"]}
    assert library.sources.all() == []
