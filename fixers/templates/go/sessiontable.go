package PACKAGE

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"log"
	"sync"
)

// sessionTable keeps sessions in a database, a row for each under the SHA-256 of its token, so that they outlive the
// process. It stands in for a sync.Map, and is one until it is given a database.
type sessionTable struct {
	db     *sql.DB
	memory sync.Map
}

// sessionHash is a key that Range gives: the tokens themselves are not kept.
type sessionHash string

// use keeps the sessions in a database from now on; without one they stay in memory.
func (t *sessionTable) use(db *sql.DB) error {
	if db == nil {
		return nil
	}
	t.db = db
	_, err := db.Exec("CREATE TABLE IF NOT EXISTS login_sessions (hash VARCHAR(64) PRIMARY KEY, value TEXT NOT NULL)")
	return err
}

func (t *sessionTable) Store(token, value any) {
	if t.db == nil {
		t.memory.Store(token, value)
		return
	}
	s := value.(VALUE)
	packed, err := json.Marshal([]any{PACKED})
	t.Delete(token)
	if err == nil {
		_, err = t.db.Exec("INSERT INTO login_sessions (hash, value) VALUES (ARG1, ARG2)", hashSession(token), string(packed))
	}
	logSession("store", err)
}

func (t *sessionTable) Load(token any) (any, bool) {
	if t.db == nil {
		return t.memory.Load(token)
	}
	var packed string
	err := t.db.QueryRow("SELECT value FROM login_sessions WHERE hash = ARG1", hashSession(token)).Scan(&packed)
	if err == sql.ErrNoRows {
		return nil, false
	}
	s := FRESH
	if err == nil {
		err = json.Unmarshal([]byte(packed), &[]any{UNPACKED})
	}
	logSession("load", err)
	return s, err == nil
}

func (t *sessionTable) Delete(token any) {
	if t.db == nil {
		t.memory.Delete(token)
		return
	}
	_, err := t.db.Exec("DELETE FROM login_sessions WHERE hash = ARG1", hashSession(token))
	logSession("delete", err)
}

// Range reads all hashes first: what is called for each may delete it.
func (t *sessionTable) Range(each func(token, value any) bool) {
	if t.db == nil {
		t.memory.Range(each)
		return
	}
	rows, err := t.db.Query("SELECT hash FROM login_sessions")
	var hashes []sessionHash
	for err == nil && rows.Next() {
		var hash sessionHash
		err = rows.Scan(&hash)
		hashes = append(hashes, hash)
	}
	if rows != nil {
		rows.Close()
	}
	logSession("list", err)
	for _, hash := range hashes {
		if value, ok := t.Load(hash); ok && !each(hash, value) {
			return
		}
	}
}

func hashSession(token any) string {
	if hash, ok := token.(sessionHash); ok {
		return string(hash)
	}
	sum := sha256.Sum256([]byte(sessionToken(token)))
	return hex.EncodeToString(sum[:])
}

func sessionToken(token any) string {
	text, _ := token.(string)
	return text
}

func logSession(what string, err error) {
	if err != nil {
		log.Printf("could not %s a session: %v", what, err)
	}
}
