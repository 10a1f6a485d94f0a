-- Text search: parser, template, dictionaries, configurations.
CREATE SCHEMA search;
CREATE TEXT SEARCH PARSER search.words (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end,
                                        LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
CREATE TEXT SEARCH TEMPLATE search.simple_again (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY search.lower (TEMPLATE = search.simple_again, accept = false);
CREATE TEXT SEARCH DICTIONARY search."German" (TEMPLATE = snowball, language = german, stopwords = german);
CREATE TEXT SEARCH CONFIGURATION search.own (PARSER = search.words);
ALTER TEXT SEARCH CONFIGURATION search.own
  ADD MAPPING FOR asciiword, word, "int" WITH search.lower, search."German", simple;
CREATE TEXT SEARCH CONFIGURATION search."Copied ""one""" (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION search."Copied ""one""" DROP MAPPING FOR email;
CREATE TABLE search.document (
  body text, vector tsvector GENERATED ALWAYS AS (to_tsvector('search.own', body)) STORED);
INSERT INTO search.document (body) VALUES ('Die Häuser der alten Stadt'), ('running 42 times'), (NULL);
