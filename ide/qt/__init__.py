"""Thin glue between Qt and the program below it."""
