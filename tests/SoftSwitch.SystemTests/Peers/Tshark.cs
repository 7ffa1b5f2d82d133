namespace SoftSwitch.SystemTests.Peers;

/// <summary>The judge of recorded frames: an independent decoder that verifies every checksum.</summary>
public static class Tshark
{
    private static readonly string[] Verify =
        ["-n", "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
         "-o", "ip.defragment:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE",
         // Ports are chosen at random, and payloads are noise: whoever takes them for the protocol of that port finds them malformed.
         "-d", "tcp.port==1-65535,data", "-d", "udp.port==1-65535,data", "-d", $"udp.port=={VxlanPort},vxlan", "-d",
         $"udp.port=={GenevePort},geneve"];

    /// <summary>Datagrams of this port are taken for VXLAN, and what is in them is judged as well: no test's port is chosen
    /// there.</summary>
    public const int VxlanPort = 9;

    /// <summary>The same for GENEVE.</summary>
    public const int GenevePort = 11;

    // What no frame may show: a field, the value that is bad (null: any), and what is wrong then.
    private static readonly (string Field, string? Bad, string Name)[] Faults =
    [
        ("ip.checksum.status", "0", "bad IPv4 checksum"),
        ("tcp.checksum.status", "0", "bad TCP checksum"),
        ("udp.checksum.status", "0", "bad UDP checksum"),
        ("icmp.checksum.status", "0", "bad ICMP checksum"),
        ("icmpv6.checksum.status", "0", "bad ICMPv6 checksum"),
        ("ip.bogus_ip_length", null, "wrong length"),
        ("ip.bogus_header_length", null, "wrong length"),
        ("udp.length.bad", null, "wrong length"),
        ("_ws.malformed", null, "malformed"),
    ];

    /// <summary>The values of fields of the frames that fit a display filter; a row a frame, several values joined by ','.</summary>
    public static IReadOnlyList<string[]> Fields(string file, string filter, params IEnumerable<string> fields)
    {
        string[] arguments = ["-r", file, .. Verify, "-T", "fields", "-E", "separator=/t",
            .. fields.SelectMany(field => new[] { "-e", field })];
        if (filter.Length > 0) arguments = [.. arguments, "-Y", filter];
        var output = Shell.Run(Need.Tool("tshark"), arguments, TimeSpan.FromMinutes(2)).Succeeded().Output;
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];
    }

    /// <summary>How many frames fit a display filter ("" for all).</summary>
    public static int Count(string file, string filter) => Fields(file, filter, "frame.number").Count;

    /// <summary>
    /// Every fault of the record, one line each, none when all is right: checksums, lengths, cut frames, padding that isn't
    /// zero, frames longer than <paramref name="longest"/> (1514, and 4 for a VLAN tag), and no frame at all.
    /// </summary>
    public static IReadOnlyList<string> Judge(string file, int longest = 1518)
    {
        var faults = new List<string>();
        // A long record takes seconds, so all is asked for at once.
        var frames = Fields(file, "",
            ["frame.number", "frame.len", "frame.cap_len", "eth.padding", "eth.trailer", .. Faults.Select(fault => fault.Field)]);
        if (frames.Count == 0) faults.Add("no frame was recorded");
        foreach (var frame in frames)
        {
            var length = int.Parse(frame[1]);
            if (frame[2] != frame[1]) faults.Add($"frame {frame[0]}: {frame[2]} of {length} bytes were recorded");
            if (length > longest) faults.Add($"frame {frame[0]}: {length} bytes, longer than {longest}");
            if ((frame[3] + frame[4]).Any(letter => letter is not ('0' or ':' or ',')))
                faults.Add($"frame {frame[0]}: padding is not zero");
            foreach (var ((_, bad, name), value) in Faults.Zip(frame[5..]))
            {
                if (bad is null ? value.Length > 0 : value.Split(',').Contains(bad))
                    faults.Add($"frame {frame[0]}: {name}");
            }
        }
        return faults;
    }
}
