"""What file names are shown without: python_tracer._prefix_regex."""

import os
import site
import sys

import tapescope
from tapescope.profiler import PythonTracer, python_tracer


def test_are_literal_directories_with_a_separator():
    prefixes = python_tracer._prefix_regex()
    assert prefixes
    assert all(os.path.isabs(p) and p.endswith(os.sep) for p in prefixes)


def test_name_the_parent_of_the_package():
    parent = os.path.dirname(os.path.dirname(os.path.abspath(tapescope.__file__)))
    assert parent + os.sep in python_tracer._prefix_regex()


def test_name_site_packages_and_sys_path():
    wanted = [*site.getsitepackages(), site.getuserbase(), site.getusersitepackages(), *sys.path]
    assert set(python_tracer._prefix_regex()) >= {os.path.abspath(p) + os.sep for p in wanted}


def test_are_in_reverse_order_without_duplicates():
    prefixes = [p[: -len(os.sep)] for p in python_tracer._prefix_regex()]
    assert prefixes == sorted(set(prefixes), reverse=True)


def test_a_nested_directory_comes_before_its_parent(monkeypatch):
    monkeypatch.setattr(sys, "path", ["/one", "/one/two", "/one/two/three"])
    prefixes = python_tracer._prefix_regex()
    nested = [prefixes.index(p) for p in ("/one/two/three/", "/one/two/", "/one/")]
    assert nested == sorted(nested)
    first = next(p for p in prefixes if "/one/two/three/file.py".startswith(p))
    assert first == "/one/two/three/"


def test_the_empty_entry_of_sys_path_is_the_working_directory(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [""])
    assert os.getcwd() + os.sep in python_tracer._prefix_regex()


def test_a_trace_uses_those_of_the_first_one(monkeypatch):
    before = python_tracer._prefixes()
    monkeypatch.setattr(sys, "path", ["/elsewhere"])
    assert python_tracer._prefixes() is before


def test_are_cut_off_once_from_the_names_of_files(monkeypatch):
    code = compile("def f(): pass", "/pre/pre/file.py", "exec")
    namespace = {}
    exec(code, namespace)
    monkeypatch.setattr(python_tracer, "_prefixes", lambda: ["/pre/", "/pre/pre/"])
    tracer = PythonTracer()
    tracer.start()
    namespace["f"]()
    tracer.stop()
    assert "pre/file.py(1): f" in [row[1] for row in tracer.take().events()]


def test_the_package_is_shown_from_its_own_name():
    tracer = PythonTracer()
    tracer.start()
    tapescope.is_tensor(1)
    tracer.stop()
    assert any(row[1].startswith("tapescope/__init__.py(") for row in tracer.take().events())
