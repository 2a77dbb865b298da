"""What makes the test run strict: private homes, no stray log records, no Qt warnings, nothing left behind."""
