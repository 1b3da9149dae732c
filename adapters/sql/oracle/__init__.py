"""Oracle Database 19c and later: sessions, labels, deadlines and what its errors mean."""
