"""The demo center, and a scripted caller who tries it (`make demo-call`)."""
