using System.CommandLine;
using SoftSwitch.Errors;
using SoftSwitch.Text;

namespace SoftSwitch.Cli;

/// <summary>--format FORMAT, of `show` of what has names.</summary>
internal sealed class ListFormatOption : Option<string>
{
    private static readonly WordList<ListFormat> s_formats = new((ListFormat.Table, "table"), (ListFormat.Hosts, "hosts"));

    public ListFormatOption() : base("--format")
    {
        Description = "table, for people; hosts, a line for /etc/hosts for each address that DNS has a name for: of ports, reservations "
            + "and leases";
        HelpName = "FORMAT";
        DefaultValueFactory = _ => s_formats[ListFormat.Table];
        CompletionSources.Add([.. s_formats.All]);
    }

    /// <exception cref="CommandException">There is no such format.</exception>
    public ListFormat Of(ParseResult parsed)
    {
        var word = parsed.GetRequiredValue(this);
        return s_formats.Of(word)
            ?? throw new CommandException(ExitStatus.Mistake, $"there is no format '{word}': write {Shown.Or(s_formats.All)}");
    }
}
