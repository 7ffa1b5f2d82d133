using SoftSwitch.Bounds;

namespace SoftSwitch.Api;

/// <summary>What every request must keep to, before anything is done for it.</summary>
internal static class RequestRules
{
    public static Task Check(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        var door = context.Features.Get<LoopbackDoor>();
        var admission = door?.Admit(request) ?? context.Features.Get<PeerAdmission>();
        if (admission is not { Admitted: true })
        {
            if (door is not null)
                context.Response.Headers.WWWAuthenticate = "Bearer";
            throw RequestText.Closing(context, door is null ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized,
                admission?.Reason ?? "this connection was not admitted");
        }
        var most = (request.Path == ChangeRoutes.ReloadPath ? ProgramLimits.ConfigBody : ProgramLimits.RequestBody).Most;
        if (request.ContentLength > most)
            throw RequestText.Closing(context, StatusCodes.Status413PayloadTooLarge,
                $"a body may have {most} bytes here, this one has {request.ContentLength}");
        if (HttpMethods.IsGet(request.Method) && (request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0))
            throw RequestText.Closing(context, StatusCodes.Status400BadRequest, "GET takes no body");
        return next(context);
    }
}
