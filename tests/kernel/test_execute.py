"""Cells: results, numbers, errors, displays."""

from __future__ import annotations

from .client import Client


def test_counts_agree_everywhere(kernel: Client) -> None:
    first = kernel.run("1")
    count = first.reply["execution_count"]
    for code, store, silent in [("2", True, False), ("3", False, False), ("4", True, True), ("1/0", True, False)]:
        outcome = kernel.run(code, store_history=store, silent=silent, stop_on_error=False)
        if silent:
            assert not outcome.of("execute_input", "execute_result")
            continue
        expected = int(
            kernel.run("", user_expressions={"n": "get_ipython().execution_count"}).reply["user_expressions"]["n"][
                "data"
            ]["text/plain"]
        )
        shown = outcome.of("execute_input")[0]["execution_count"]
        assert outcome.reply["execution_count"] == shown
        assert expected == shown + (1 if store else 0)
        for result in outcome.of("execute_result"):
            assert result["execution_count"] == shown
    assert kernel.run("5").reply["execution_count"] == count + 3


def test_silent_cells_show_nothing(kernel: Client) -> None:
    outcome = kernel.run("silent_value = 7; silent_value", silent=True)
    assert outcome.reply["status"] == "ok"
    assert [each["msg_type"] for each in outcome.messages] == ["status"]
    assert kernel.value("silent_value") == "7"


def test_traceback_names_the_cell_and_its_line(kernel: Client) -> None:
    outcome = kernel.run("def f():\n    raise ValueError('odd')\n\nf()")
    error = outcome.of("error")[0]
    assert (error["ename"], error["evalue"]) == ("ValueError", "odd")
    text = "\n".join(error["traceback"])
    count = outcome.reply["execution_count"]
    plain = "".join(part.partition("m")[2] if index else part for index, part in enumerate(text.split("\x1b[")))
    assert f"Cell In[{count}], line 4" in plain
    assert f"Cell In[{count}], line 2" in plain
    assert outcome.reply["traceback"] == error["traceback"]


def test_ename_is_the_bare_class_name(kernel: Client) -> None:
    outcome = kernel.run("import json\njson.loads('{')")
    assert outcome.reply["ename"] == "JSONDecodeError"


def test_syntax_error_is_shown_and_the_kernel_goes_on(kernel: Client) -> None:
    outcome = kernel.run("def f(:\n  pass")
    assert outcome.reply["status"] == "error"
    assert outcome.reply["ename"] == "SyntaxError"
    assert "def f(:" in "\n".join(outcome.of("error")[0]["traceback"])
    assert kernel.value("6*7") == "42"


def test_an_exception_whose_text_raises(kernel: Client) -> None:
    outcome = kernel.run("class Bad(Exception):\n    def __str__(self): raise RuntimeError('no text')\nraise Bad()")
    assert outcome.reply["ename"] == "Bad"
    assert kernel.value("1+1") == "2"


def test_rich_reprs(kernel: Client) -> None:
    outcome = kernel.run(
        "class R:\n    def _repr_html_(self): return '<i>r</i>'\n    def _repr_latex_(self): return '$r$'\nR()"
    )
    data = outcome.of("execute_result")[0]["data"]
    assert data["text/html"] == "<i>r</i>"
    assert data["text/latex"] == "$r$"


def test_display_is_updated_by_its_id(kernel: Client) -> None:
    outcome = kernel.run(
        "from IPython.display import display, update_display\n"
        "display('one', display_id='d'); update_display('two', display_id='d')"
    )
    first, second = outcome.of("display_data")[0], outcome.of("update_display_data")[0]
    assert first["transient"]["display_id"] == second["transient"]["display_id"] == "d"
    assert second["data"]["text/plain"] == "'two'"


def test_a_display_is_updated_by_a_later_cell(kernel: Client) -> None:
    shown = kernel.run("from IPython.display import display\nhandle = display('one', display_id=True)")
    updated = kernel.run("handle.update('two')")
    first, second = shown.of("display_data")[0], updated.of("update_display_data")[0]
    assert first["transient"]["display_id"] == second["transient"]["display_id"]
    assert second["data"]["text/plain"] == "'two'"


def test_values_that_json_has_no_word_for(kernel: Client) -> None:
    outcome = kernel.run(
        "import numpy as np\nfrom IPython.display import display\n"
        "value = {'nan': float('nan'), 'n': np.int64(3), 'f': np.float32(0.5), 'b': b'x'}\n"
        "display({'application/json': value}, raw=True)"
    )
    data = outcome.of("display_data")[0]["data"]["application/json"]
    assert data == {"nan": "nan", "n": 3, "f": 0.5, "b": "eA=="}


def test_user_expressions(kernel: Client) -> None:
    outcome = kernel.run("u = 20", user_expressions={"good": "u + 1", "bad": "1/0"})
    expressions = outcome.reply["user_expressions"]
    assert expressions["good"]["data"]["text/plain"] == "21"
    assert expressions["bad"]["status"] == "error"
    assert expressions["bad"]["ename"] == "ZeroDivisionError"


def test_an_error_aborts_what_was_queued_behind_it(kernel: Client) -> None:
    failing = kernel.send("import time; time.sleep(0.3); 1/0")
    queued = kernel.send("queued_ran = True")
    assert kernel.reply(failing)["status"] == "error"
    assert kernel.reply(queued)["status"] == "aborted"
    kernel.until_idle(queued)  # a cell that never becomes idle keeps its [*]
    assert kernel.value("'queued_ran' in globals()") == "False"


def test_a_cell_sent_after_the_error_runs(kernel: Client) -> None:
    failing = kernel.send("1/0")
    assert kernel.reply(failing)["status"] == "error"
    assert kernel.run("'after'").reply["status"] == "ok"


def test_without_stop_on_error_the_queue_goes_on(kernel: Client) -> None:
    failing = kernel.send("import time; time.sleep(0.2); 1/0", stop_on_error=False)
    queued = kernel.send("1")
    assert kernel.reply(failing)["status"] == "error"
    assert kernel.reply(queued)["status"] == "ok"


def test_top_level_await(kernel: Client) -> None:
    assert kernel.value("import asyncio\nawait asyncio.sleep(0.01, 'slept')") == "'slept'"


def test_tasks_go_on_between_cells(kernel: Client) -> None:
    kernel.run(
        "import asyncio\nticks = 0\n"
        "async def tick():\n    global ticks\n"
        "    while ticks < 5:\n        ticks += 1\n        await asyncio.sleep(0.02)\n"
        "ticking = asyncio.create_task(tick())"
    )
    import time

    time.sleep(0.5)
    assert kernel.value("ticks, ticking.done()") == "(5, True)"


def test_help_opens_in_the_pager(kernel: Client) -> None:
    payload = kernel.run("len?").reply["payload"]
    assert payload[0]["source"] == "page"
    assert "number of items" in payload[0]["data"]["text/plain"]


def test_completion_in_the_middle_of_a_line(kernel: Client) -> None:
    kernel.run("class Holder:\n    measured_value = 1\nholder = Holder()")
    code = "print(holder.meas, 1)"
    reply = kernel.request("complete_request", {"code": code, "cursor_pos": code.index(",")})
    assert "measured_value" in [match.rpartition(".")[2] for match in reply["matches"]]
    assert reply["cursor_end"] == code.index(",")


def test_completion_counts_characters_not_bytes(kernel: Client) -> None:
    kernel.run("größe_eins = 1")
    code = "'😀'; größe_e"
    reply = kernel.request("complete_request", {"code": code, "cursor_pos": len(code)})
    assert reply["matches"] == ["größe_eins"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (len(code) - len("größe_e"), len(code))


def test_inspection(kernel: Client) -> None:
    found = kernel.request("inspect_request", {"code": "zip(", "cursor_pos": 3, "detail_level": 0})
    assert found["found"] and "zip" in found["data"]["text/plain"]
    missing = kernel.request("inspect_request", {"code": "no_such_name", "cursor_pos": 3, "detail_level": 0})
    assert missing == {"status": "ok", "found": False, "data": {}, "metadata": {}}


def test_kernel_info_over_both_channels(kernel: Client) -> None:
    shell = kernel.request("kernel_info_request", {})
    control = kernel.request("kernel_info_request", {}, channel="control")
    assert shell == control
    assert shell["implementation"] == "tapescope"
    assert shell["language_info"]["name"] == "python"
    assert shell["help_links"]


def test_requests_that_make_no_sense_get_an_answer(kernel: Client) -> None:
    assert kernel.request("no_such_request", {})["status"] == "error"
    assert kernel.request("execute_request", {"code": 7})["status"] == "error"
    assert kernel.request("complete_request", {"code": [], "cursor_pos": "x"})["status"] == "error"
    assert kernel.request("history_request", {"hist_access_type": "tail", "n": None})["status"] == "error"
    assert kernel.request("comm_info_request", {"target_name": 3})["status"] == "ok"
    assert kernel.value("1+1") == "2"
