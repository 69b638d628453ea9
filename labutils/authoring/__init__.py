"""For authors and maintainers: lab folders to notebooks, the proof of the graders, benchmarks, figures."""
