// The first declaration of this room replaces this line.
