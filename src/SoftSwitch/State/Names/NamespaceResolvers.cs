using SoftSwitch.Addressing;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;

namespace SoftSwitch.State.Names;

/// <summary>
/// Tells programs in namespaces whom to ask for names: by <c>/etc/netns/NAME/resolv.conf</c>, which stands in the place of
/// <c>/etc/resolv.conf</c> for what <c>ip netns exec</c> starts (ip-netns(8)). That is for a namespace with a name: one whose way out leads
/// to a gateway of ours that tells names, and one that has none but an address in a host-only network that does. A file that somebody else
/// has made stays as it is, another switch's among them. One of ours is known by its first line, which bears our mark: it goes at an end,
/// and after a kill the next start takes it over, or away.
/// <para>Used by the control loop alone.</para>
/// </summary>
/// <param name="log">Gets a line for a file that can't be written.</param>
/// <param name="mark">Ours.</param>
/// <param name="folder">Where the namespaces have their files.</param>
internal sealed class NamespaceResolvers(ISwitchLog log, InterfaceMark mark, string folder = NamespaceResolvers.Folder) : IDisposable
{
    private const string Folder = "/etc/netns", FileName = "resolv.conf";

    private readonly string _firstLine = $"# Made by {mark.Alias}, and removed when it ends.";
    private readonly HashSet<string> _made = [], _refused = [];
    private bool _hasFollowed;

    /// <summary>Brings the files in line with a model.</summary>
    public void Follow(SwitchModel model)
    {
        var wanted = new Dictionary<string, string>();
        foreach (var space in model.Ports.OfType<InterfaceModel>().GroupBy(port => port.Netns))
        {
            if (space.Key is { } name && IsName(name) && ToldIn(space, model) is { } told)
                wanted.Add(name, $"{_firstLine}\nnameserver {told.Server}\nsearch {told.Domain}\n");
        }
        if (!_hasFollowed)
            TakeOver();
        _hasFollowed = true;
        foreach (var name in _made.Except(wanted.Keys).ToList())
            Remove(name);
        foreach (var (name, text) in wanted)
            Write(name, text);
    }

    public void Dispose()
    {
        foreach (var name in _made.ToList())
            Remove(name);
    }

    /// <summary>Whom to ask in a namespace with these ports, and the domain of the names there; null: nobody of ours.</summary>
    private static (Ipv4Address Server, string Domain)? ToldIn(IEnumerable<InterfaceModel> ports, SwitchModel model)
    {
        var all = ports.Select(port => (Port: port, Network: model.Networks.First(network => network.Name == port.Network))).ToList();
        var outward = all.Where(one => one.Port.Gateway is not null).ToList();
        // One that has a way out, ours or another, has names by that way.
        var network = outward.Count > 0
            ? outward.FirstOrDefault(one => one.Network is { Mode: NetworkMode.Nat, Dns: not null } nat && nat.Gateway == one.Port.Gateway)
                .Network
            : all.FirstOrDefault(one => one is
                { Port: { Address: not null, TakesGateway: true }, Network: { Mode: NetworkMode.HostOnly, Dns: not null } }).Network;
        return network is not null && ServerAddress.Of(network, model) is { } server ? (server, network.DomainOfGuests) : null;
    }

    /// <summary>Neither a path nor a process (<see cref="InterfaceModel.Netns"/>).</summary>
    private static bool IsName(string netns) =>
        !netns.Contains('/', StringComparison.Ordinal) && !netns.All(char.IsAsciiDigit) && netns is not ("." or "..");

    /// <summary>What a run has left that was killed is ours.</summary>
    private void TakeOver()
    {
        // Others have no other mark.
        if (mark == InterfaceMark.Nameless)
            return;
        try
        {
            foreach (var place in Directory.EnumerateDirectories(folder))
            {
                if (IsOurs(Path.Combine(place, FileName)))
                    _made.Add(Path.GetFileName(place));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There are none, or none that we may see.
        }
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(folder, name, FileName);
        try
        {
            if (File.Exists(path) && !IsOurs(path))
                return;
            _made.Add(name);
            StateFile.Write(Path.Combine(folder, name), FileName, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_refused.Add(name))
                log.Write(LogLevel.Info, $"namespace {name} isn't told whom to ask for names: {StateFile.Obstacle(e)}; "
                    + $"write {path} yourself");
        }
    }

    private void Remove(string name)
    {
        _made.Remove(name);
        var place = Path.Combine(folder, name);
        try
        {
            if (IsOurs(Path.Combine(place, FileName)))
                File.Delete(Path.Combine(place, FileName));
            StateFile.RemoveUnfinished(place);
            // Who has put others there keeps the folder.
            if (!Directory.EnumerateFileSystemEntries(place).Any())
                Directory.Delete(place);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is gone, or somebody else's by now.
        }
    }

    private bool IsOurs(string path)
    {
        if (!File.Exists(path))
            return false;
        using var reader = new StreamReader(path);
        Span<char> start = stackalloc char[_firstLine.Length];
        return reader.ReadBlock(start) == start.Length && start.SequenceEqual(_firstLine);
    }
}
