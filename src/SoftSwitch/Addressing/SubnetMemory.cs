using System.Text;
using SoftSwitch.Bounds;
using SoftSwitch.Config.Rows;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;

namespace SoftSwitch.Addressing;

/// <summary>
/// The subnets that were chosen for networks whose file names none: a text file in the state folder, a line each, network and subnet. Of
/// two switches that start in one moment the later one's is kept. A line that isn't understood is left out: another subnet is chosen then.
/// </summary>
internal static class SubnetMemory
{
    public const string FileName = "subnets";

    /// <summary>Bytes that are read; more than <see cref="ProgramLimits.RememberedSubnets"/> take.</summary>
    private const int MostBytes = 64 * 1024;

    /// <summary>What is remembered in a folder; nothing where there is no file.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static Dictionary<string, Ipv4Subnet> Load(string folder)
    {
        var remembered = new Dictionary<string, Ipv4Subnet>();
        foreach (var line in (StateFile.Read(folder, FileName, MostBytes) ?? "").Split('\n').Take(ProgramLimits.RememberedSubnets.Most + 1))
        {
            if (line.Split(' ') is [var name, var written] && Scalars.Name.Parse(name, out _)
                && Scalars.Subnet.Parse(written, out var subnet))
                remembered.TryAdd(name, subnet);
        }
        return remembered;
    }

    /// <param name="folder">Made where it isn't there yet.</param>
    /// <param name="remembered">What is written, the most recent first: beyond a thousand the rest is forgotten.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Save(string folder, IEnumerable<KeyValuePair<string, Ipv4Subnet>> remembered)
    {
        var text = new StringBuilder("# The subnets that softswitch chose for networks whose file names none.\n");
        foreach (var (name, subnet) in remembered.Take(ProgramLimits.RememberedSubnets.Most))
            text.Append(name).Append(' ').Append(subnet).Append('\n');
        StateFile.Write(folder, FileName, text.ToString());
    }
}
