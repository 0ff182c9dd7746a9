"""The paper's claims: what each says, how its evidence is read off the tables, how it is judged."""
