"""Programs for people who work on the repository; no part of the product."""
