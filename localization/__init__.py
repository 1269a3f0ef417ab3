"""Languages, and how each of them writes numbers, sizes and moments. Knows nothing of torrents or people."""
