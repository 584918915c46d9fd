// Package panel shows pastedev in the browser: the script that live-reloads a page
// and draws its panel, and the pages served in place of an answer that the target
// could not give.
package panel
