namespace SoftSwitch.Cli;

/// <summary>--format FORMAT, of `show` of what has names.</summary>
internal sealed class ListFormatOption : FormatOption<ListFormat>
{
    public ListFormatOption() : base("--format", "format", new((ListFormat.Table, "table"), (ListFormat.Hosts, "hosts"))) =>
        Description = "table, for people; hosts, a line for /etc/hosts for each address that DNS has a name for: of ports, reservations "
            + "and leases";
}
