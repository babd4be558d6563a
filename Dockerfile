# One image for worker and console. Chromium comes from Debian, so that it is patched with the base image.
FROM python:3.12-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends chromium fonts-noto-core tesseract-ocr tesseract-ocr-vie tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home --uid 10001 canhgiac
WORKDIR /opt/canhgiac
COPY requirements/run.txt requirements/run.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation . && mkdir -p /var/lib/canhgiac && chown canhgiac /var/lib/canhgiac
USER canhgiac
ENV CANHGIAC_HOME=/var/lib/canhgiac CANHGIAC_CHROMIUM=/usr/bin/chromium PYTHONUNBUFFERED=1
VOLUME /var/lib/canhgiac
ENTRYPOINT ["tini", "--", "canhgiac"]
CMD ["run"]
