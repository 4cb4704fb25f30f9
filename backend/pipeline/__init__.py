"""The way of one frame: perception, engine, sinks; one phone live, a picture or a recording."""
