package datatype

import "strings"

// fieldGroup is what kinds of controls an autofill field goes with (the control groups of
// 4.10.18.7.1), as far as they differ for the type of an input element.
type fieldGroup uint16

const (
	textField      fieldGroup = 1 << iota // any text control
	multilineField                        // textarea, hidden, select only
	emailField
	telField
	urlField
	numberField
	passwordField
	dateField
	monthField
	contactField // may follow home, work, mobile, fax, pager
)

// autofillField returns the groups of a field name in lower case; 0 when there is none.
func autofillField(lower string) fieldGroup {
	switch lower {
	case "name", "honorific-prefix", "given-name", "additional-name", "family-name",
		"honorific-suffix", "nickname", "organization-title", "organization",
		"address-line1", "address-line2", "address-line3", "address-level4", "address-level3",
		"address-level2", "address-level1", "country", "country-name", "postal-code",
		"cc-name", "cc-given-name", "cc-additional-name", "cc-family-name", "cc-number",
		"cc-csc", "cc-type", "transaction-currency", "language", "sex":
		return textField
	case "username":
		return textField | emailField
	case "new-password", "current-password", "one-time-code":
		return textField | passwordField
	case "street-address":
		return multilineField
	case "cc-exp":
		return textField | monthField
	case "cc-exp-month", "cc-exp-year", "transaction-amount", "bday-day", "bday-month", "bday-year":
		return textField | numberField
	case "bday":
		return textField | dateField
	case "url", "photo":
		return textField | urlField
	case "tel":
		return textField | telField | contactField
	case "tel-country-code", "tel-national", "tel-area-code", "tel-local", "tel-local-prefix",
		"tel-local-suffix", "tel-extension":
		return textField | contactField
	case "email":
		return textField | emailField | contactField
	case "impp":
		return textField | urlField | contactField
	}
	return 0
}

// autofillRules is what a control wants of its autocomplete attribute.
type autofillRules struct {
	groups  fieldGroup
	control string // for messages
	noOnOff bool   // "on" and "off" say nothing there
}

func autofillTypes() []Type {
	rules := func(name string, r autofillRules) Type { return Type{name, "4.10.18.7.1", r.check} }
	return []Type{
		rules("autofill", autofillRules{groups: textField | multilineField, control: "this control"}),
		rules("autofill-multiline", autofillRules{groups: textField | multilineField, control: "this control"}),
		rules("autofill-hidden", autofillRules{groups: textField | multilineField, control: "a hidden input", noOnOff: true}),
		rules("autofill-text", autofillRules{groups: textField, control: "a text input of one line"}),
		rules("autofill-email", autofillRules{groups: emailField, control: "an input of type email"}),
		rules("autofill-tel", autofillRules{groups: telField, control: "an input of type tel"}),
		rules("autofill-url", autofillRules{groups: urlField, control: "an input of type url"}),
		rules("autofill-number", autofillRules{groups: numberField, control: "an input of type number"}),
		rules("autofill-password", autofillRules{groups: passwordField, control: "an input of type password"}),
		rules("autofill-date", autofillRules{groups: dateField, control: "an input of type date"}),
		rules("autofill-month", autofillRules{groups: monthField, control: "an input of type month"}),
	}
}

// The order of autofill detail tokens.
const (
	stageStart = iota
	stageSection
	stageAddress
	stageContact
	stageField
	stageWebauthn
)

// autofillStage returns the place of a token in lower case.
func autofillStage(lower string) int {
	switch {
	case strings.HasPrefix(lower, "section-"):
		return stageSection
	case lower == "shipping" || lower == "billing":
		return stageAddress
	case lower == "home" || lower == "work" || lower == "mobile" || lower == "fax" || lower == "pager":
		return stageContact
	case lower == "webauthn":
		return stageWebauthn
	}
	return stageField
}

func autofillProblem(start, end int, message string) *Problem {
	return &Problem{Start: start, End: end, Message: message, Rule: "attr-value/autocomplete"}
}

// check is the Check of a type.
func (r autofillRules) check(v string) *Problem {
	start, end := trimSpace(v)
	if start == end {
		return autofillProblem(0, 0, "is empty: it must be on, off or the name of a field, such as email")
	}
	if w := v[start:end]; equalFold(w, "on") || equalFold(w, "off") {
		if r.noOnOff {
			return autofillProblem(start, end, "is "+quote(w)+", which says nothing for "+r.control+": name the field that it holds, or leave the attribute out")
		}
		return nil
	}
	last, field := stageStart, ""
	var contact bool
	for i := 0; ; {
		start, end = nextToken(v, i)
		if i = end; start == end {
			break
		}
		word := strings.ToLower(v[start:end])
		stage := autofillStage(word)
		if p := autofillOrder(start, end, quote(v[start:end]), stage, last); p != nil {
			return p
		}
		if stage == stageField {
			field = word
			if p := r.field(start, end, word, contact); p != nil {
				return p
			}
		}
		contact = contact || stage == stageContact
		last = stage
	}
	if field == "" {
		return autofillProblem(0, 0, "has no name of a field: one such as email or street-address must be there")
	}
	return nil
}

// autofillOrder checks that a token of one stage may follow the last.
func autofillOrder(start, end int, word string, stage, last int) *Problem {
	if stage > last && (stage != stageWebauthn || last == stageField) {
		return nil
	}
	switch {
	case stage == stageField && last == stageField:
		return autofillProblem(start, end, "has a second name of a field, "+word+": one control is one field")
	case stage == stageWebauthn:
		return autofillProblem(start, end, "has webauthn at the wrong place: it is the last word, behind the name of a field")
	case stage == last:
		return autofillProblem(start, end, "has "+word+" behind another word of its kind: only one of them may be there")
	}
	return autofillProblem(start, end, "has "+word+" too late: the order is section-NAME, shipping or billing, home/work/mobile/fax/pager, field, webauthn")
}

func (r autofillRules) field(start, end int, word string, contact bool) *Problem {
	groups := autofillField(word)
	if groups == 0 {
		if word == "on" || word == "off" {
			return autofillProblem(start, end, "has "+quote(word)+" beside other words: it must stand alone")
		}
		return autofillProblem(start, end, "has "+quote(word)+", which is no autofill field: use on, off or a field such as name, email, tel, street-address, new-password")
	}
	if groups&r.groups == 0 {
		return autofillProblem(start, end, "has the field "+quote(word)+", which cannot go into "+r.control)
	}
	if contact && groups&contactField == 0 {
		return autofillProblem(start, end, "has the field "+quote(word)+" behind home, work, mobile, fax or pager, which go with tel, email and impp only")
	}
	return nil
}
