"""Operating a widget of a page as a reader does, by mouse and by keys."""


def said(widget):
    return widget.locator(".say").inner_text()


def by_drag(page, widget):
    box = widget.locator(".handle").last.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 20, steps=4)
    page.mouse.up()
    moved = said(widget)
    widget.locator(".handle").last.focus()
    page.keyboard.press("ArrowLeft")
    assert said(widget) != moved  # keys do what the mouse does


def by_slider(page, widget):
    slider = widget.locator("input[type=range]")
    slider.focus()
    before = said(widget)
    page.keyboard.press("ArrowRight")
    if said(widget) == before:  # it stood at its end, as a film does that begins with its last frame
        page.keyboard.press("ArrowLeft")
    once = said(widget)
    assert once != before
    widget.locator("button[aria-label=on]").click()
    assert said(widget) != once
    page.keyboard.press("Tab")
    widget.locator("button[aria-label=back]").click()
    assert said(widget) == once


def by_pointing(page, widget):
    box = widget.locator("svg").first.bounding_box()
    before = said(widget)
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.6)
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.5)
    widget.locator("svg").first.focus()
    page.keyboard.press("ArrowRight")
    assert said(widget) != before


def by_drag_and_slider(page, widget):
    by_drag(page, widget)
    by_slider(page, widget)


def by_choice(page, widget):
    widget.locator("button[aria-pressed=false]").last.click()


OPERATE = {
    "drag": by_drag, "scrub": by_slider, "threshold": by_slider, "hover": by_pointing, "rows": by_slider,
    "toggle": by_choice, "choose": by_choice, "cells": by_drag_and_slider, "zoom": by_slider,
}  # fmt: skip
