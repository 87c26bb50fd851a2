"""How a recording is worked on: what runs beside what, what an attempt leaves to the next."""
