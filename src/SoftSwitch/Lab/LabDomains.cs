using System.Globalization;
using System.Net;
using SoftSwitch.Errors;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>The domains of a lab, its networks and the wires that lead out of it, and the next address in each.</summary>
/// <param name="shared">The prefix of all stations.</param>
internal sealed class LabDomains(Ipv4Subnet shared)
{
    /// <summary>The domain is an octet of the address.</summary>
    private const int Most = 254;

    private readonly List<string> _names = [];
    private readonly int[] _members = new int[Most];

    public void Add(string name)
    {
        if (_names.Count == Most)
            throw new CommandException(ExitStatus.Mistake, $"more networks than a lab plays ({Most}): try a part of the file");
        _names.Add(name);
    }

    /// <param name="domain">Where.</param>
    /// <param name="number">Its number there; null: the next.</param>
    public LabAddress NewAddress(string domain, uint? number = null)
    {
        var octet = (uint)_names.IndexOf(domain) + 1;
        var host = number ?? (uint)++_members[octet - 1];
        return new(domain, new(shared.Address.Value | octet << 8 | host),
            IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"fd00::{octet:x}:{host:x}")));
    }
}
