// Package store keeps statements.
package store

import (
	"database/sql"
	"os"
	"path/filepath"
	"sync"
)

// Statement is one thing that somebody vouches for.
type Statement struct {
	Subject   string `json:"subject"`
	Predicate string `json:"predicate"`
	Object    string `json:"object"`
}

// Store holds statements in memory, and in a database when it has one.
type Store struct {
	mu         sync.Mutex
	statements []Statement
	db         *sql.DB
}

// Open makes the folder of the database when it is missing; an empty path keeps everything in memory.
func Open(path string) (*Store, error) {
	if path == "" {
		return &Store{}, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		return nil, err
	}
	_, err = db.Exec("CREATE TABLE IF NOT EXISTS statements (subject TEXT, predicate TEXT, object TEXT)")
	return &Store{db: db}, err
}

// Add keeps statements.
func (s *Store) Add(statements ...Statement) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.statements = append(s.statements, statements...)
	if s.db == nil {
		return nil
	}
	for _, one := range statements {
		if _, err := s.db.Exec("INSERT INTO statements VALUES (?, ?, ?)", one.Subject, one.Predicate, one.Object); err != nil {
			return err
		}
	}
	return nil
}

// All are the statements so far.
func (s *Store) All() []Statement {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Statement{}, s.statements...)
}
