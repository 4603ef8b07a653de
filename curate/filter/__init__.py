"""Rows that fulfil conditions: SQL over the columns of the table, the scores and the fields of the rows."""
