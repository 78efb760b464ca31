// Package importer copies the table that an n8n workflow has written for years
// into the log, and puts Tandai's view in its place.
//
// Such tables hold the seven columns of the original system, in whatever form the
// workflow, a spreadsheet or a migration left them: Normalise reads all forms
// whose meaning is certain, and says of the others why it is not. Every row is
// imported, linked, or listed; none is dropped.
//
// Copying needs no position of its own to go on from after a crash: an imported
// row is known by a hash of its columns and of how many equal rows came before
// it (label.ImportID), so the log itself says what has been copied. Rows are read
// in the order of their lead, so that the history of one lead is folded once.
package importer
