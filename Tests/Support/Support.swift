// The first helper replaces this line.
