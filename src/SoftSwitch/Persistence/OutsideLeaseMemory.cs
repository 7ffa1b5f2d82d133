using System.Globalization;
using System.Text;
using SoftSwitch.Bounds;
using SoftSwitch.Config.Rows;
using SoftSwitch.Packets;

namespace SoftSwitch.Persistence;

/// <summary>The addresses that servers outside have lent to networks, so that a network asks for the same one after a restart, also after
/// kill -9: a text file in the state folder, a line each: network, interface, address, and until when, in seconds since 1970. It is written
/// whole as soon as one is another; what stands there for networks of other files stays. Where it can't be read or written, networks ask
/// for any address.
/// <para>Used by the control loop; writing is done beside it, for a disk may take its time. The end waits for it, but not for ever.</para>
/// </summary>
/// <param name="folder">The state folder; null: nothing is remembered.</param>
/// <param name="log">Gets a line when it can't be read or written, once.</param>
internal sealed class OutsideLeaseMemory(string? folder, Action<string> log) : IDisposable
{
    public const string FileName = "outside-leases";

    /// <summary>Bytes that are read; more than that many lines take.</summary>
    private const int MostBytes = 1024 * 1024;

    private readonly Lazy<Dictionary<string, Line>> _before = new(() => folder is null ? [] : Load(folder, log));
    private readonly Dictionary<string, Line> _changed = [];
    private readonly WritesBeside _writes = new();
    private volatile bool _hasFailed;

    /// <summary>For a lab: nothing survives it.</summary>
    public static OutsideLeaseMemory None => new(null, static _ => { });

    /// <summary>What was lent to a network last on an interface, and until when; null: nothing is known.</summary>
    public (Ipv4Address Address, DateTimeOffset Until)? Of(string network, string interfaceName) =>
        (_changed.TryGetValue(network, out var line) || _before.Value.TryGetValue(network, out line)) && line.Interface == interfaceName
            ? (line.Address, line.Until) : null;

    /// <summary>Notes what is lent now.</summary>
    public void Remember(string network, string interfaceName, Ipv4Address address, DateTimeOffset until)
    {
        _changed[network] = new(interfaceName, address, until);
        var changed = _changed.ToArray();
        if (folder is not null)
            _writes.Begin(() => Write(folder, changed));
    }

    /// <summary>Waits for what is being written, unless that takes too long.</summary>
    public void Dispose()
    {
        if (!_writes.Wait())
            log($"{Path.Combine(folder!, FileName)}: not written in time: networks whose outside address is leased ask for any");
    }

    private void Write(string to, KeyValuePair<string, Line>[] changed)
    {
        try
        {
            // Another switch may have written there meanwhile.
            var all = new Dictionary<string, Line>(changed);
            foreach (var (network, line) in Load(to))
                all.TryAdd(network, line);
            var text = new StringBuilder("# Addresses that DHCP servers outside have lent: network, interface, address, until.\n");
            foreach (var (network, line) in all.Take(ProgramLimits.RememberedSubnets.Most))
                text.Append(CultureInfo.InvariantCulture, $"{network} {line.Interface} {line.Address} {line.Until.ToUnixTimeSeconds()}\n");
            StateFile.Write(to, FileName, text.ToString());
            _hasFailed = false;
        }
        catch (Exception e)
        {
            if (!_hasFailed)
                log($"leased outside addresses can't be kept in {to}: {StateFile.Obstacle(e)}; after a restart networks ask for any; "
                    + "write state: and a folder that can be written");
            _hasFailed = true;
        }
    }

    private static Dictionary<string, Line> Load(string folder, Action<string> log)
    {
        try
        {
            return Load(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"the outside addresses that were leased last can't be read: {StateFile.Obstacle(e)}; networks ask for any");
            return [];
        }
    }

    /// <summary>A line that makes no sense is nothing.</summary>
    private static Dictionary<string, Line> Load(string folder)
    {
        var lines = new Dictionary<string, Line>();
        foreach (var text in (StateFile.Read(folder, FileName, MostBytes) ?? "").Split('\n').Take(ProgramLimits.RememberedSubnets.Most + 1))
        {
            if (text.Split(' ') is [var network, var interfaceName, var ip, var time] && Scalars.Name.Parse(network, out _)
                && Ipv4Address.TryParse(ip, out var address) && address.IsUnicast
                && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
                lines.TryAdd(network, new(interfaceName, address, DateTimeOffset.FromUnixTimeSeconds(seconds)));
        }
        return lines;
    }

    private readonly record struct Line(string Interface, Ipv4Address Address, DateTimeOffset Until);
}
