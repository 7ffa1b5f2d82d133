namespace SoftSwitch.Cli;

/// <summary>How a list is printed.</summary>
internal enum ListFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>As /etc/hosts is written.</summary>
    Hosts,
}
