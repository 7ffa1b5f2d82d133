using System.Text.Json.Serialization;
using SoftSwitch.Api.Views;

namespace SoftSwitch.Api;

/// <summary>
/// The JSON of the API, generated when the program is built. A member that nobody knows is refused on both sides: server and
/// command are one program of one version.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(PageView<NetworkView>))]
[JsonSerializable(typeof(PageView<PortView>))]
[JsonSerializable(typeof(PageView<FdbEntryView>))]
[JsonSerializable(typeof(PageView<FlowView>))]
[JsonSerializable(typeof(PageView<NeighborView>))]
[JsonSerializable(typeof(PageView<ForwardView>))]
[JsonSerializable(typeof(PageView<DropView>))]
[JsonSerializable(typeof(ProblemView))]
internal sealed partial class ApiJson : JsonSerializerContext;
