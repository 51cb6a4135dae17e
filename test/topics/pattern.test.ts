test("a filter finds topics that have braces in them; a pattern with such a level is a mistake", () => {
  for (const topic of ["a/{{x}}", "a/${b}", "a/<style>{}"]) {
    expect(parseFilter(topic).filter).toBe(topic);
    expect(matchPattern(parseFilter(topic), topic)).toEqual({});
    expect(() => parsePattern(topic)).toThrow(ViadutoError);
  }
  expect(parseFilter("a/{name}").filter).toBe("a/+");
});
