using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using SoftSwitch.Linux.Interop;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Linux;

/// <summary>
/// The C compiler's opinion of every constant, struct size and field offset in the Interop folder, from the machine's own headers.
/// What a header doesn't know must be in the list of what came to Linux after the oldest headers that a supported system has.
/// </summary>
public partial class HeaderTests
{
    private const string Includes = """
        #define _GNU_SOURCE
        #include <stddef.h>
        #include <stdio.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <poll.h>
        #include <sched.h>
        #include <signal.h>
        #include <spawn.h>
        #include <time.h>
        #include <netinet/in.h>
        #include <ucontext.h>
        #include <unistd.h>
        #include <sys/ioctl.h>
        #include <sys/prctl.h>
        #include <sys/resource.h>
        #include <sys/mman.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/un.h>
        #include <sys/epoll.h>
        #include <sys/eventfd.h>
        #include <sys/file.h>
        #include <sys/auxv.h>
        #include <sys/wait.h>
        #include <linux/bpf.h>
        #include <linux/capability.h>
        #include <linux/fib_rules.h>
        #include <linux/filter.h>
        #include <linux/gen_stats.h>
        #include <linux/if.h>
        #include <linux/if_addr.h>
        #include <linux/if_arp.h>
        #include <linux/if_ether.h>
        #include <linux/if_link.h>
        #include <linux/if_packet.h>
        #include <linux/if_tun.h>
        #include <linux/inet_diag.h>
        #include <linux/ip.h>
        #include <linux/limits.h>
        #include <linux/magic.h>
        #include <linux/neighbour.h>
        #include <linux/net_namespace.h>
        #include <linux/net_tstamp.h>
        #include <linux/netlink.h>
        #include <linux/netfilter.h>
        #include <linux/netfilter/nfnetlink.h>
        #include <linux/netfilter/nfnetlink_conntrack.h>
        #include <linux/netfilter/nf_tables.h>
        #include <linux/netfilter/nf_tables_compat.h>
        #include <linux/netfilter/xt_multiport.h>
        #include <linux/nsfs.h>
        #define sched_param sched_param_of_the_kernel
        #include <linux/sched/types.h>
        #undef sched_param
        #include <linux/pkt_cls.h>
        #include <linux/pkt_sched.h>
        #include <linux/rtnetlink.h>
        #include <linux/securebits.h>
        #include <linux/sock_diag.h>
        #include <linux/sockios.h>
        #include <linux/tc_act/tc_mirred.h>
        #include <linux/veth.h>

        """;

    /// <summary>Linux 6.2 to 6.17; Debian 12 has the headers of 6.1.</summary>
    private static readonly string[] s_newer = ["TUN_F_USO4", "TUN_F_USO6", "TUN_F_UDP_TUNNEL_GSO", "TUN_F_UDP_TUNNEL_GSO_CSUM",
        "BPF_F_ADJ_ROOM_DECAP_L3_IPV4", "BPF_F_ADJ_ROOM_DECAP_L3_IPV6", "BPF_TCX_EGRESS", "BPF_F_BEFORE", "TCX_NEXT", "TCX_DROP"];

    /// <summary>Names of ours, which no header has.</summary>
    private static readonly string[] s_ours = ["Ucontext.Size", "Ucontext.SigsetSize", "SysProcess.SigsetWords", "Bpf.SkbTimestamp",
        "Bpf.LinkInterface"];

    [Fact]
    public void Every_constant_and_every_struct_is_as_the_headers_have_it()
    {
        Need.Tool("gcc");
        Need.File("/usr/include/linux/if_tun.h", "linux-libc-dev");
        // Not the tests' common folder: root of a user namespace can't write to the machine's root's.
        var folder = Directory.CreateTempSubdirectory("softswitch-headers-");
        try
        {
            Compare(Path.Combine(folder.FullName, "headers"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Compare(string program)
    {
        var ours = Expected();
        // Should the search find nothing, nothing would be compared.
        Assert.True(ours.Count > 300, $"only {ours.Count} names found");
        Assert.Contains(ours, pair => pair.Key == "offsetof(struct sockaddr_ll, sll_addr)");
        var unknown = Unknown(Compile(ours.Keys, program));
        if (unknown.Count > 0)
        {
            Assert.Empty(unknown.Except(s_newer));
            foreach (var name in unknown)
                ours.Remove(name);
            Assert.Equal("", Compile(ours.Keys, program));
        }
        var wrong = new List<string>();
        var lines = Shell.RunAsCaller(program, []).Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(ours.Count, lines.Length);
        foreach (var line in lines)
        {
            var (name, value) = (line[..line.LastIndexOf(' ')], long.Parse(line[(line.LastIndexOf(' ') + 1)..]));
            // The headers are free to call a constant signed or not, and to complement a mask in more bits than its field has.
            var mask = ours[name].Bytes == 2 ? ushort.MaxValue : uint.MaxValue;
            if (((ours[name].Value ^ value) & mask) != 0)
                wrong.Add($"{name} is {value}, not {ours[name].Value}");
        }
        Assert.Empty(wrong);
    }

    /// <summary>What to ask the compiler, in C, and what we think.</summary>
    private static Dictionary<string, (long Value, int Bytes)> Expected()
    {
        var all = new Dictionary<string, (long, int)>
        {
            ["sizeof(sigset_t)"] = (Ucontext.SigsetSize, 4),
            ["offsetof(struct __sk_buff, tstamp)"] = (Bpf.SkbTimestamp, 4),
            ["offsetof(struct bpf_link_info, xdp.ifindex)"] = (Bpf.LinkInterface, 4),
            [nameof(Fcntl.O_DIRECTORY)] = (Fcntl.O_DIRECTORY, 4),
        };
        foreach (var type in typeof(Errno).Assembly.GetTypes().Where(t => t.Namespace == typeof(Errno).Namespace))
        {
            if (type.IsDefined(typeof(CompilerGeneratedAttribute)) || type.Name.Contains('<'))
                continue;
            foreach (var field in type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
            {
                if (field.IsLiteral && !field.IsPrivate && field.FieldType.IsPrimitive && !s_ours.Contains($"{type.Name}.{field.Name}"))
                    all[field.Name] = (BitsOf(field.GetRawConstantValue()!), Marshal.SizeOf(field.FieldType));
            }
            if (!type.IsValueType || type.IsEnum)
                continue;
            var isBpf = type.Name.StartsWith("bpf_attr", StringComparison.Ordinal);
            var name = type.Name == nameof(Ucontext.ucontext_t)
                ? type.Name
                : isBpf ? "union bpf_attr" : "struct " + (type.Name.EndsWith("_t", StringComparison.Ordinal) ? type.Name[..^2] : type.Name);
            // A part of a longer struct, on purpose.
            if (type.Name != nameof(Ucontext.ucontext_t) && !isBpf)
                all[$"sizeof({name})"] = (Marshal.SizeOf(type), 4);
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public))
            {
                var member = field.Name.StartsWith("ss_", StringComparison.Ordinal) ? "uc_stack." + field.Name
                    : type.Name == nameof(Bpf.bpf_attr_link_create) ? "link_create." + field.Name
                    : type.Name == nameof(Bpf.bpf_attr_info) ? "info." + field.Name : field.Name;
                all[$"offsetof({name}, {member})"] = (Marshal.OffsetOf(type, field.Name), 4);
            }
        }
        return all;
    }

    private static long BitsOf(object constant) => constant is ulong unsigned ? unchecked((long)unsigned) : Convert.ToInt64(constant);

    /// <returns>What the compiler said; nothing when it made the program.</returns>
    private static string Compile(IEnumerable<string> expressions, string program)
    {
        var source = new StringBuilder(Includes).Append("int main(void) {\n");
        foreach (var expression in expressions)
            source.Append($"printf(\"%s %lld\\n\", \"{expression}\", (long long)({expression}));\n");
        source.Append("return 0; }\n");
        return Shell.Run("gcc", ["-x", "c", "-fmax-errors=0", "-o", program, "-"], null, source.ToString()).Error;
    }

    private static List<string> Unknown(string said)
    {
        var all = new List<string>();
        foreach (var line in said.Split('\n').Where(l => l.Contains(": error:", StringComparison.Ordinal)))
        {
            var match = Undeclared().Match(line);
            Assert.True(match.Success, line);
            all.Add(match.Groups[1].Value);
        }
        return all;
    }

    [GeneratedRegex("error: .(\\w+). undeclared")]
    private static partial Regex Undeclared();
}
