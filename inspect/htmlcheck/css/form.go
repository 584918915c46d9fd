package css

const (
	borderStyles = " none hidden dotted dashed solid double groove ridge inset outset "
	lineWidths   = " thin medium thick "
	sizeWords    = " auto min-content max-content fit-content stretch contain "
	alignWords   = " normal stretch center start end flex-start flex-end self-start self-end baseline first last safe unsafe anchor-center "
	justifyWords = " normal stretch center start end flex-start flex-end left right space-between space-around space-evenly safe unsafe "
	contentWords = " normal stretch center start end flex-start flex-end space-between space-around space-evenly baseline first last safe unsafe "
	wideWords    = " inherit initial unset revert revert-layer revert-rule "
)

// formOf returns the form of a lower-case property; ok is false for all whose values are not
// checked.
func formOf(property string) (f form, ok bool) {
	if f, ok = lengthForm(property); ok {
		return f, true
	}
	if f, ok = mixedForm(property); ok {
		return f, true
	}
	words, max := keywordForm(property)
	if words == "" {
		words, max = layoutWords(property)
	}
	return form{words: words, max: max}, words != ""
}

// mixedForm returns the form of properties that take colours, numbers, or several things.
func mixedForm(property string) (f form, ok bool) {
	switch property {
	case "color", "background-color", "border-top-color", "border-right-color", "border-bottom-color", "border-left-color",
		"text-decoration-color", "column-rule-color":
		return form{colour: true, max: 1}, true
	case "border-color":
		return form{colour: true, max: 4}, true
	case "fill", "stroke":
		return form{colour: true, max: 2, words: " none context-fill context-stroke "}, true
	case "border", "border-top", "border-right", "border-bottom", "border-left":
		return form{colour: true, length: true, positive: true, max: 3, words: borderStyles + lineWidths[1:]}, true
	case "outline":
		return form{colour: true, length: true, positive: true, max: 3, words: borderStyles + lineWidths[1:] + "auto invert "}, true
	case "text-decoration":
		return form{colour: true, length: true, max: 6, words: " none underline overline line-through blink solid double dotted dashed wavy auto from-font spelling-error grammar-error "}, true
	case "line-height":
		return form{length: true, number: true, positive: true, max: 1, words: " normal "}, true
	case "font-weight":
		return form{number: true, max: 1, words: " normal bold bolder lighter "}, true
	case "z-index", "order":
		return form{integer: true, max: 1, words: " auto "}, true
	case "flex-grow", "flex-shrink":
		return form{number: true, max: 1}, true
	case "flex":
		return form{number: true, length: true, max: 3, words: sizeWords + "none content "}, true
	case "vertical-align", "text-indent":
		return form{length: true, max: 3, anyWord: true}, true
	case "background-position":
		return form{length: true, max: 4, anyWord: true}, true
	case "background-size":
		return form{length: true, positive: true, max: 2, words: " auto cover contain "}, true
	}
	return form{}, false
}

func lengthForm(property string) (f form, ok bool) {
	switch property {
	case "width", "height":
		return form{length: true, positive: true, max: 1, words: sizeWords}, true
	case "min-width", "min-height":
		return form{length: true, positive: true, max: 1, words: sizeWords}, true
	case "max-width", "max-height":
		return form{length: true, positive: true, max: 1, words: " none min-content max-content fit-content stretch contain "}, true
	case "top", "right", "bottom", "left":
		return form{length: true, max: 1, words: " auto "}, true
	case "margin":
		return form{length: true, max: 4, words: " auto "}, true
	case "margin-top", "margin-right", "margin-bottom", "margin-left":
		return form{length: true, max: 1, words: " auto "}, true
	case "padding":
		return form{length: true, positive: true, max: 4}, true
	case "padding-top", "padding-right", "padding-bottom", "padding-left":
		return form{length: true, positive: true, max: 1}, true
	case "font-size":
		return form{length: true, positive: true, max: 1, words: " xx-small x-small small medium large x-large xx-large xxx-large smaller larger math "}, true
	case "letter-spacing", "word-spacing":
		return form{length: true, max: 1, words: " normal "}, true
	case "border-width":
		return form{length: true, positive: true, max: 4, words: lineWidths}, true
	case "border-top-width", "border-right-width", "border-bottom-width", "border-left-width", "outline-width":
		return form{length: true, positive: true, max: 1, words: lineWidths}, true
	case "border-radius":
		return form{length: true, positive: true, max: 4}, true
	case "border-top-left-radius", "border-top-right-radius", "border-bottom-right-radius", "border-bottom-left-radius":
		return form{length: true, positive: true, max: 2}, true
	case "border-spacing":
		return form{length: true, positive: true, max: 2}, true
	case "gap":
		return form{length: true, positive: true, max: 2, words: " normal "}, true
	case "row-gap", "column-gap":
		return form{length: true, positive: true, max: 1, words: " normal "}, true
	case "column-width":
		return form{length: true, positive: true, max: 1, words: " auto min-content max-content fit-content stretch "}, true
	}
	return form{}, false
}

// keywordForm returns the keywords of a property that takes nothing else.
func keywordForm(property string) (words string, max int) {
	switch property {
	case "position":
		return " static relative absolute fixed sticky -webkit-sticky ", 1
	case "float":
		return " none left right inline-start inline-end footnote top bottom block-start block-end ", 1
	case "clear":
		return " none left right both inline-start inline-end top bottom block-start block-end all ", 1
	case "visibility":
		return " visible hidden collapse ", 1
	case "display":
		return " none contents block inline inline-block flow flow-root list-item table inline-table table-row-group" +
			" table-header-group table-footer-group table-row table-cell table-column-group table-column table-caption" +
			" flex inline-flex grid inline-grid grid-lanes inline-grid-lanes ruby ruby-base ruby-text ruby-base-container ruby-text-container math run-in" +
			" box inline-box subgrid masonry compact marker ", 3
	case "border-style":
		return borderStyles, 4
	case "border-top-style", "border-right-style", "border-bottom-style", "border-left-style":
		return borderStyles, 1
	case "box-sizing":
		return " content-box border-box padding-box margin-box ", 1
	case "border-collapse":
		return " collapse separate ", 1
	case "table-layout":
		return " auto fixed ", 1
	}
	return "", 0
}

// layoutWords goes on with keywordForm: boxes, text, images.
func layoutWords(property string) (words string, max int) {
	switch property {
	case "align-items":
		return alignWords, 2
	case "align-self":
		return alignWords + "auto ", 2
	case "align-content":
		return contentWords, 2
	case "justify-content":
		return justifyWords, 2
	case "flex-direction":
		return flexDirections, 1
	case "flex-wrap":
		return flexWraps, 1
	case "flex-flow":
		return flexDirections + flexWraps[1:], 2
	case "overflow":
		return overflowWords, 2
	case "overflow-x", "overflow-y":
		return overflowWords, 1
	case "text-align":
		return " start end left right center justify match-parent justify-all ", 1
	case "text-transform":
		return " none capitalize uppercase lowercase full-width full-size-kana math-auto ", 3
	case "white-space":
		return " normal pre nowrap pre-wrap break-spaces pre-line collapse discard preserve preserve-breaks preserve-spaces wrap none discard-before discard-after discard-inner ", 3
	case "word-break":
		return " normal break-all keep-all break-word auto-phrase manual ", 1
	case "overflow-wrap", "word-wrap":
		return " normal break-word anywhere ", 1
	case "hyphens":
		return " none manual auto ", 1
	case "direction":
		return " ltr rtl ", 1
	case "resize":
		return " none both horizontal vertical block inline ", 1
	case "user-select":
		return " auto text none contain all element ", 1
	case "pointer-events":
		return " auto none visiblepainted visiblefill visiblestroke visible painted fill stroke all bounding-box ", 1
	case "object-fit":
		return " fill contain cover none scale-down ", 2
	case "background-repeat":
		return " repeat-x repeat-y repeat space round no-repeat repeat-block repeat-inline ", 2
	case "background-attachment":
		return " scroll fixed local ", 1
	case "background-image", "list-style-image":
		return " none ", 1
	case "list-style-position":
		return " inside outside ", 1
	case "backface-visibility":
		return " visible hidden ", 1
	case "empty-cells":
		return " show hide ", 1
	}
	return "", 0
}

const (
	flexDirections = " row row-reverse column column-reverse "
	flexWraps      = " nowrap wrap wrap-reverse balance "
	overflowWords  = " visible hidden clip scroll auto overlay "
	// backgroundWords are all keywords of the background shorthand but the colours.
	backgroundWords = " none repeat-x repeat-y repeat space round no-repeat repeat-block repeat-inline scroll fixed local left right center top bottom" +
		" x-start x-end y-start y-end block-start block-end inline-start inline-end start end auto cover contain" +
		" border-box padding-box content-box text border-area "
	cursorWords = " auto default none context-menu help pointer progress wait cell crosshair text vertical-text alias copy move" +
		" no-drop not-allowed grab grabbing e-resize n-resize ne-resize nw-resize s-resize se-resize sw-resize w-resize" +
		" ew-resize ns-resize nesw-resize nwse-resize col-resize row-resize all-scroll zoom-in zoom-out "
)
