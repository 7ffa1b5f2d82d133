namespace SoftSwitch.Tests.Docs;

/// <summary>
/// What is in docs/ and made from the program says what the program says. SOFTSWITCH_WRITE_DOCS=1 in the environment writes it anew.
/// </summary>
public class GeneratedDocsTests
{
    [Fact]
    public void The_page_of_the_API_is_the_programs() => Compare("api.md", ApiPage.Write());

    [Fact]
    public void The_table_of_keys_is_the_programs() => Compare("keys.md", KeyTable.Write());

    [Fact]
    public void The_schema_of_the_file_is_the_programs() => Compare("softswitch.schema.json", ConfigSchema.Write());

    [Fact]
    public void The_table_of_limits_is_the_programs() =>
        Compare("limits.md", LimitTable.WriteInto(File.ReadAllText(Path.Combine(Tree.Root, "docs", "limits.md"))));

    [Fact]
    public void The_page_of_drop_reasons_is_the_programs() => Compare("drops.md", DropTable.Write());

    private static void Compare(string name, string made)
    {
        var path = Path.Combine(Tree.Root, "docs", name);
        if (Environment.GetEnvironmentVariable("SOFTSWITCH_WRITE_DOCS") == "1")
            File.WriteAllText(path, made);
        Assert.True(made == File.ReadAllText(path), $"docs/{name} is stale; SOFTSWITCH_WRITE_DOCS=1 in the environment writes it anew");
    }
}
