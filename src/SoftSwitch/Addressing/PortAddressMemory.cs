using System.Text;
using SoftSwitch.Bounds;
using SoftSwitch.Config.Rows;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;

namespace SoftSwitch.Addressing;

/// <summary>The addresses that networks gave to ports (<c>address: auto</c>): a text file in the state folder, a line each, network, port
/// and address. A line that isn't understood is left out: another address is given then.</summary>
internal static class PortAddressMemory
{
    public const string FileName = "port-addresses";

    /// <summary>Bytes that are read; more than <see cref="ProgramLimits.RememberedPortAddresses"/> take.</summary>
    private const int MostBytes = 4 * 1024 * 1024;

    /// <summary>What is remembered in a folder; nothing where there is no file.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static Dictionary<(string Network, string Port), Ipv4Address> Load(string folder)
    {
        var remembered = new Dictionary<(string, string), Ipv4Address>();
        foreach (var line in (StateFile.Read(folder, FileName, MostBytes) ?? "").Split('\n')
            .Take(ProgramLimits.RememberedPortAddresses.Most + 1))
        {
            if (line.Split(' ') is [var network, var port, var written] && Scalars.Name.Parse(network, out _)
                && Scalars.Name.Parse(port, out _) && Scalars.Address.Parse(written, out var address))
                remembered.TryAdd((network, port), address);
        }
        return remembered;
    }

    /// <param name="folder">Made where it isn't there yet.</param>
    /// <param name="remembered">What is written, the most recent first: the rest is forgotten.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Save(string folder, IEnumerable<KeyValuePair<(string Network, string Port), Ipv4Address>> remembered)
    {
        var text = new StringBuilder("# The addresses that networks gave to ports with address: auto.\n");
        foreach (var ((network, port), address) in remembered.Take(ProgramLimits.RememberedPortAddresses.Most))
            text.Append(network).Append(' ').Append(port).Append(' ').Append(address).Append('\n');
        StateFile.Write(folder, FileName, text.ToString());
    }
}
