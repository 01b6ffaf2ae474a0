// Verifies what `strongroom audit` gives out with the packages that Go itself and other transparency
// logs use: a signed checkpoint, an inclusion proof, and that altered ones are refused.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"

	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	key := bytes.TrimSpace(read(os.Args[1]))
	verifier, err := note.NewVerifier(string(key))
	ok(err)
	tree, err := open(read(os.Args[2]), verifier)
	ok(err)
	fmt.Printf("checkpoint of %d leaves accepted\n", tree.N)
	for _, name := range os.Args[3:] {
		text := read(name)
		index, size, err := included(text, verifier)
		ok(err)
		fmt.Printf("leaf %d of %d accepted\n", index, size)
		moved := bytes.Replace(text, []byte("index "), []byte("index 1"), 1)
		if _, _, err := included(moved, verifier); err == nil {
			log.Fatalf("%s: accepted at another index", name)
		}
	}
	altered := bytes.Replace(read(os.Args[2]), []byte("\n"), []byte("x\n"), 1)
	if _, err := open(altered, verifier); err == nil {
		log.Fatal("an altered checkpoint was accepted")
	}
}

func open(text []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	var origin, root string
	var size int64
	if _, err := fmt.Sscanf(opened.Text, "%s\n%d\n%s\n", &origin, &size, &root); err != nil {
		return tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(root)
	return tlog.Tree{N: size, Hash: hash}, err
}

func included(text []byte, verifier note.Verifier) (int64, int64, error) {
	var read proof.TLogProof
	if err := read.Unmarshal(text); err != nil {
		return 0, 0, err
	}
	tree, err := open(read.Checkpoint, verifier)
	if err != nil {
		return 0, 0, err
	}
	var hashes tlog.RecordProof
	for _, hash := range read.Hashes {
		hashes = append(hashes, tlog.Hash(hash))
	}
	leaf := tlog.RecordHash(read.ExtraData)
	index := int64(read.Index)
	return index, tree.N, tlog.CheckRecord(hashes, tree.N, tree.Hash, index, leaf)
}

func read(name string) []byte {
	text, err := os.ReadFile(name)
	ok(err)
	return text
}

func ok(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
